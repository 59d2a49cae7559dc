// The vCenter over REST, as fence_vmware_rest asks it.
import type { Caller, Vcenter } from './vcenter.ts';

export type RestRequest = Readonly<{ method: string; url: URL; authorization: string }>;
export type RestAnswer = Readonly<{ status: number; value?: unknown }>;

/** Answers one request. */
export function answerRest(vcenter: Vcenter, caller: Caller, request: RestRequest): RestAnswer {
  const asked = `${request.method} ${request.url.pathname.replace(/^\/rest/, '')}`;
  if (asked === 'POST /com/vmware/cis/session') return login(vcenter, caller, request.authorization);
  if (!vcenter.isOpen(caller)) return refused(401, 'This method requires authentication.');
  if (asked === 'DELETE /com/vmware/cis/session') return logout(vcenter, caller);
  if (asked === 'GET /vcenter/vm') return list(vcenter, caller, request.url.searchParams.getAll('filter.names'));
  const [, id, turn] = /^POST \/vcenter\/vm\/([^/]+)\/power\/(start|stop)$/.exec(asked) ?? [];
  return id === undefined
    ? refused(404, 'Not found.')
    : power(vcenter, caller, { id, turn: turn === 'start' ? 'on' : 'off' });
}

function logout(vcenter: Vcenter, caller: Caller): RestAnswer {
  vcenter.logout(caller);
  return { status: 200 };
}

function login(vcenter: Vcenter, caller: Caller, authorization: string): RestAnswer {
  const [user = '', ...password] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':');
  const session = vcenter.login(caller, { user, password: password.join(':') });
  return session === undefined ? refused(401, 'Authentication required.') : { status: 200, value: session };
}

function list(vcenter: Vcenter, caller: Caller, names: readonly string[]): RestAnswer {
  vcenter.note(caller, 'GET /vcenter/vm');
  const machines = vcenter.machines().filter((m) => names.length === 0 || names.includes(m.name));
  return {
    status: 200,
    value: machines.map((m) => ({ vm: m.id, name: m.name, power_state: m.on ? 'POWERED_ON' : 'POWERED_OFF' })),
  };
}

function power(vcenter: Vcenter, caller: Caller, wanted: Readonly<{ id: string; turn: 'on' | 'off' }>): RestAnswer {
  const machine = vcenter.machines().find((m) => m.id === wanted.id);
  if (!machine) return refused(404, 'Virtual machine not found.');
  if (vcenter.power(caller, machine, wanted.turn) !== undefined) return { status: 200 };
  return refused(400, `Virtual machine is already powered ${wanted.turn}.`);
}

function refused(status: number, message: string): RestAnswer {
  return { status, value: { messages: [{ args: [], default_message: message, id: 'testbed' }] } };
}
