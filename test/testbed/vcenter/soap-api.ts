// The vCenter over SOAP, as fence_vmware_soap asks it.
import type { Machine } from './inventory.ts';
import { answerXml, escapeXml, faultXml, readCall, referenceXml, type Call } from './soap.ts';
import type { Caller, Fault, Vcenter } from './vcenter.ts';

export type SoapAnswer = Readonly<{ status: 200 | 500; xml: string; session?: string }>;
type Returned = Readonly<{ xml: string; session?: string }> | Fault;
type Asked = Readonly<{ vcenter: Vcenter; caller: Caller; call: Call }>;

const notFound: Fault = {
  fault: 'ManagedObjectNotFound',
  message: 'The object has already been deleted or has not been completely created',
};
const notAuthenticated: Fault = { fault: 'NotAuthenticated', message: 'The session is not authenticated.' };

/** Answers one request. */
export async function answerSoap(vcenter: Vcenter, caller: Caller, body: string): Promise<SoapAnswer> {
  const call = await readCall(body);
  if (!call) return { status: 500, xml: faultXml('NotSupported', 'This is no SOAP request.') };
  const returned = perform({ vcenter, caller, call });
  if ('fault' in returned) return { status: 500, xml: faultXml(returned.fault, returned.message) };
  return {
    status: 200,
    xml: answerXml(call.operation, returned.xml),
    ...(returned.session && { session: returned.session }),
  };
}

function perform(asked: Asked): Returned {
  const { operation } = asked.call;
  if (operation === 'RetrieveServiceContent') return { xml: serviceContent };
  if (operation === 'Login') return login(asked);
  if (!asked.vcenter.isOpen(asked.caller)) return notAuthenticated;
  const answer = insideSession[operation];
  return answer
    ? answer(asked)
    : { fault: 'NotSupported', message: `This vCenter of a testbed does not know ${operation}.` };
}

const insideSession: Readonly<Record<string, (asked: Asked) => Returned>> = {
  Logout: ({ vcenter, caller }) => {
    vcenter.logout(caller);
    return { xml: '' };
  },
  CreateContainerView: () => ({ xml: referenceXml('returnval', { type: 'ContainerView', id: 'session[view]1' }) }),
  RetrievePropertiesEx: ({ vcenter, caller }) => {
    vcenter.note(caller, 'RetrievePropertiesEx');
    return { xml: `<returnval>${vcenter.machines().map(machineXml).join('')}</returnval>` };
  },
  FindByUuid: ({ vcenter, call }) =>
    found(vcenter.machines().find((m) => m.uuid === call.fields['uuid']?.toLowerCase())),
  FindByInventoryPath: ({ vcenter, call }) =>
    found(vcenter.machines().find((m) => m.path === call.fields['inventoryPath'])),
  PowerOnVM_Task: (asked) => power(asked, 'on'),
  PowerOffVM_Task: (asked) => power(asked, 'off'),
};

const serviceContent = [
  '<returnval>',
  ...[
    ['rootFolder', 'Folder', 'group-d1'],
    ['propertyCollector', 'PropertyCollector', 'propertyCollector'],
    ['viewManager', 'ViewManager', 'ViewManager'],
  ].map(([name = '', type = '', id = '']) => referenceXml(name, { type, id })),
  '<about><name>VMware vCenter Server</name><fullName>VMware vCenter Server (testbed)</fullName><version>8.0.0</version>',
  '<apiType>VirtualCenter</apiType><apiVersion>8.0.0</apiVersion></about>',
  referenceXml('sessionManager', { type: 'SessionManager', id: 'SessionManager' }),
  referenceXml('searchIndex', { type: 'SearchIndex', id: 'SearchIndex' }),
  '</returnval>',
].join('');

function login({ vcenter, caller, call }: Asked): Returned {
  const userName = call.fields['userName'] ?? '';
  const session = vcenter.login(caller, { user: userName, password: call.fields['password'] ?? '' });
  if (session === undefined)
    return { fault: 'InvalidLogin', message: 'Cannot complete login due to an incorrect user name or password.' };
  const content = `<key>${session.slice(0, 8)}</key><userName>${escapeXml(userName)}</userName><loginTime>${new Date().toISOString()}</loginTime>`;
  return { xml: `<returnval>${content}</returnval>`, session };
}

function machineXml(machine: Machine): string {
  const property = (name: string, type: string, value: string) =>
    `<propSet><name>${name}</name><val xsi:type="${type}">${escapeXml(value)}</val></propSet>`;
  return [
    '<objects>',
    referenceXml('obj', { type: 'VirtualMachine', id: machine.id }),
    property('config.uuid', 'xsd:string', machine.uuid),
    property('name', 'xsd:string', machine.name),
    property('summary.runtime.powerState', 'VirtualMachinePowerState', machine.on ? 'poweredOn' : 'poweredOff'),
    '</objects>',
  ].join('');
}

function found(machine: Machine | undefined): Returned {
  return { xml: machine ? referenceXml('returnval', { type: 'VirtualMachine', id: machine.id }) : '' };
}

function power({ vcenter, caller, call }: Asked, turn: 'on' | 'off'): Returned {
  const machine = vcenter.machines().find((m) => m.id === call.fields['_this']);
  if (!machine) return notFound;
  const task = vcenter.power(caller, machine, turn);
  if (task !== undefined) return { xml: referenceXml('returnval', { type: 'Task', id: task }) };
  return {
    fault: 'InvalidPowerState',
    message: `The attempted operation cannot be performed in the current state (Powered ${turn}).`,
  };
}
