import { expect, test } from '@jest/globals';
import { answerRest } from '../../testbed/vcenter/rest-api.ts';
import { answerSoap } from '../../testbed/vcenter/soap-api.ts';
import { faultXml, readCall } from '../../testbed/vcenter/soap.ts';
import type { Vcenter } from '../../testbed/vcenter/vcenter.ts';
import { wsdl } from '../../testbed/vcenter/wsdl.ts';

/** A vCenter of two machines, that notes what it is told to do. */
function pretendVcenter(): Vcenter & { done: string[] } {
  const done: string[] = [];
  const machine = (n: number, on: boolean) => ({
    id: `vm-10${n}`,
    name: `dc1-db${n}-vm`,
    uuid: `4237-${n}`,
    path: `/dc1/vm/dc1-db${n}-vm`,
    node: `db${n}`,
    on,
  });
  return {
    done,
    machines: () => [machine(1, true), machine(2, false)],
    isOpen: (caller) => caller.session === 'open',
    note: () => undefined,
    login: (_caller, given) => (given.password === 'right&proper' ? 'open' : undefined),
    logout: () => true,
    power: (_caller, { node, on }, turn) => {
      if (on === (turn === 'on')) return undefined;
      done.push(`${turn} ${node}`);
      return 'task-1';
    },
  };
}

const outside = { from: '10.77.0.11' };
const inside = { ...outside, session: 'open' };

// as suds, the SOAP library of the fence agent, writes it
function request(operation: string, fields: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:ns0="urn:vim25" xmlns:ns1="http://schemas.xmlsoap.org/soap/envelope/" xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">
<SOAP-ENV:Header/><ns1:Body><ns0:${operation}>${fields}</ns0:${operation}></ns1:Body></SOAP-ENV:Envelope>`;
}

const loginWith = (password: string) =>
  request(
    'Login',
    `<ns0:_this type="SessionManager">SessionManager</ns0:_this><ns0:userName>cfha</ns0:userName><ns0:password>${password}</ns0:password>`,
  );
const powerOff = (id: string) => request('PowerOffVM_Task', `<ns0:_this type="VirtualMachine">${id}</ns0:_this>`);

test('a call is read with its entities, whatever its prefixes', async () => {
  expect(await readCall(loginWith('right&amp;proper'))).toEqual({
    operation: 'Login',
    fields: { _this: 'SessionManager', userName: 'cfha', password: 'right&proper' },
  });
});

test.each(['', 'no xml', '<a/>', '<Envelope><Body/></Envelope>'])('%j is no call', async (text) => {
  expect(await readCall(text)).toBeUndefined();
});

test('the right password opens a session, a wrong one is the fault of vSphere', async () => {
  expect(await answerSoap(pretendVcenter(), outside, loginWith('right&amp;proper'))).toMatchObject({
    status: 200,
    session: 'open',
  });
  const refused = await answerSoap(pretendVcenter(), outside, loginWith('wrong'));
  expect(refused).toEqual({
    status: 500,
    xml: faultXml('InvalidLogin', 'Cannot complete login due to an incorrect user name or password.'),
  });
});

test('nothing but the way in is answered without a session', async () => {
  const vcenter = pretendVcenter();
  const answer = await answerSoap(vcenter, outside, powerOff('vm-101'));
  expect([answer.status, answer.xml.includes('NotAuthenticated'), vcenter.done]).toEqual([500, true, []]);
});

test('machines are listed with name, uuid and power', async () => {
  const { xml } = await answerSoap(pretendVcenter(), inside, request('RetrievePropertiesEx', ''));
  expect(xml).toContain('<name>name</name><val xsi:type="xsd:string">dc1-db2-vm</val>');
  expect(xml).toContain('<val xsi:type="VirtualMachinePowerState">poweredOff</val>');
});

test('a machine is found by uuid and by path; one that is not there is an empty answer', async () => {
  const find = async (operation: string, field: string) =>
    (await answerSoap(pretendVcenter(), inside, request(operation, field))).xml;
  expect(await find('FindByUuid', '<ns0:uuid>4237-2</ns0:uuid>')).toContain('type="VirtualMachine">vm-102<');
  expect(await find('FindByInventoryPath', '<ns0:inventoryPath>/dc1/vm/dc1-db1-vm</ns0:inventoryPath>')).toContain(
    '>vm-101<',
  );
  expect(await find('FindByUuid', '<ns0:uuid>4237-9</ns0:uuid>')).not.toContain('returnval');
});

test('power off is a task; of a machine that is off, a fault; of one that is not there, another', async () => {
  const vcenter = pretendVcenter();
  const answers = await Promise.all(
    ['vm-101', 'vm-102', 'vm-109'].map((id) => answerSoap(vcenter, inside, powerOff(id))),
  );
  expect(answers.map((a) => /type="Task"|InvalidPowerState|ManagedObjectNotFound/.exec(a.xml)?.[0])).toEqual([
    'type="Task"',
    'InvalidPowerState',
    'ManagedObjectNotFound',
  ]);
  expect(vcenter.done).toEqual(['off db1']);
});

test('an operation it does not know is a fault that names it', async () => {
  expect((await answerSoap(pretendVcenter(), inside, request('Destroy_Task', ''))).xml).toContain(
    'does not know Destroy_Task',
  );
});

test('every operation answered is in the interface description', () => {
  const text = wsdl('https://10.77.0.1/sdk');
  for (const name of [
    'RetrieveServiceContent',
    'Login',
    'Logout',
    'CreateContainerView',
    'RetrievePropertiesEx',
    'FindByUuid',
    'FindByInventoryPath',
    'PowerOnVM_Task',
    'PowerOffVM_Task',
  ])
    expect(text).toContain(`<operation name="${name}">`);
});

const rest = (method: string, path: string, authorization = '') => ({
  method,
  url: new URL(`https://10.77.0.1/rest${path}`),
  authorization,
});
const basic = (password: string) => `Basic ${Buffer.from(`cfha:${password}`).toString('base64')}`;

test('REST: session, list, filter, power', () => {
  const vcenter = pretendVcenter();
  expect(answerRest(vcenter, outside, rest('POST', '/com/vmware/cis/session', basic('right&proper')))).toEqual({
    status: 200,
    value: 'open',
  });
  expect(answerRest(vcenter, outside, rest('POST', '/com/vmware/cis/session', basic('wrong'))).status).toBe(401);
  expect(answerRest(vcenter, outside, rest('GET', '/vcenter/vm')).status).toBe(401);
  expect(answerRest(vcenter, inside, rest('GET', '/vcenter/vm?filter.names=dc1-db2-vm')).value).toEqual([
    { vm: 'vm-102', name: 'dc1-db2-vm', power_state: 'POWERED_OFF' },
  ]);
  expect(answerRest(vcenter, inside, rest('POST', '/vcenter/vm/vm-102/power/start')).status).toBe(200);
  expect(answerRest(vcenter, inside, rest('POST', '/vcenter/vm/vm-102/power/stop')).status).toBe(400);
  expect(answerRest(vcenter, inside, rest('POST', '/vcenter/vm/vm-109/power/stop')).status).toBe(404);
  expect(answerRest(vcenter, inside, rest('DELETE', '/com/vmware/cis/session')).status).toBe(200);
  expect(vcenter.done).toEqual(['on db2']);
});
