// What the vCenter does, whichever way it is asked: sessions, and power tasks that are carried out on the nodes.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { diskGeneration } from '../disk.ts';
import type { Layout } from '../layout.ts';
import { boot } from '../lifecycle.ts';
import { whileLocked } from '../lock.ts';
import { powerOff } from '../node.ts';
import { noteOperation } from './fence-log.ts';
import { machinesOf, type Machine } from './inventory.ts';

const user = 'cfha';

export type Fault = Readonly<{
  fault: 'InvalidLogin' | 'NotAuthenticated' | 'InvalidPowerState' | 'ManagedObjectNotFound' | 'NotSupported';
  message: string;
}>;
export type Credentials = Readonly<{ user: string; password: string }>;
/** Who asks: the address, and the session if there is one. */
export type Caller = Readonly<{ from: string; session?: string }>;

export type Vcenter = ReturnType<typeof openVcenter>;

/** The vCenter of a testbed. */
export function openVcenter(layout: Layout) {
  const sessions = new Set<string>();
  let tasks = 0;

  function note(
    caller: Caller,
    operation: string,
    more: Readonly<{ machine?: Machine; result?: string; user?: string }> = {},
  ): void {
    const { machine, result = 'ok' } = more;
    noteOperation(layout, {
      at: new Date().toISOString(),
      from: caller.from,
      user: more.user ?? user,
      operation,
      vm: machine?.name ?? '',
      node: machine?.node ?? '',
      result,
    });
  }

  function login(caller: Caller, given: Credentials): string | undefined {
    const right = given.user === user && alike(given.password, readFileSync(layout.vcenter.password, 'utf8').trim());
    note(caller, 'Login', { result: right ? 'ok' : 'InvalidLogin', user: given.user });
    if (!right) return undefined;
    const session = randomBytes(20).toString('hex');
    sessions.add(session);
    return session;
  }

  function power(caller: Caller, machine: Machine, turn: 'on' | 'off'): string | undefined {
    const operation = turn === 'on' ? 'PowerOnVM_Task' : 'PowerOffVM_Task';
    const possible = machine.on === (turn === 'off');
    note(caller, operation, { machine, result: possible ? 'ok' : 'InvalidPowerState' });
    if (!possible) return undefined;
    carryOut(layout, machine, turn).then(
      () => note(caller, `${operation} done`, { machine }),
      (error: unknown) => note(caller, `${operation} done`, { machine, result: String(error) }),
    );
    return `task-${++tasks}`;
  }

  return {
    machines: () => machinesOf(layout),
    isOpen: (caller: Caller) => caller.session !== undefined && sessions.has(caller.session),
    note,
    login,
    logout: (caller: Caller) => sessions.delete(caller.session ?? ''),
    /** Begins a power task and names it; undefined if the machine's power is so already. */
    power,
  };
}

// A machine needs longer to come back than corosync needs to notice that it was gone (token 3 s, consensus 3.6 s); without it
// a node that is fenced while it lives is back before it was lost, and its Pacemaker believes that the fencing did nothing.
const firmwareSeconds = 6;

async function carryOut(layout: Layout, machine: Machine, turn: 'on' | 'off'): Promise<void> {
  const generation = diskGeneration(layout, machine.node);
  await whileLocked(layout.lock, async () => {
    // asked before a `load`, done after it: would hit a machine that is not the one that was meant
    if (diskGeneration(layout, machine.node) !== generation) throw new Error('another disk was loaded meanwhile');
    await (turn === 'on' ? boot(layout, machine.node, firmwareSeconds) : powerOff(layout, machine.node));
  });
}

function alike(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
