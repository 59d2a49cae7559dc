// cfha status: the four questions, answered in words. Pure.
import type { Local } from './local.ts';
import { bytes, rejoinsOf, rejoinText, type Rejoin } from './rejoins.ts';
import { primaryOf, streams, valueOf, type NodeView, type View } from './view.ts';

/** 0 healthy; 3: writes go on, but a failure now would not be survived well; 4: nobody can write. */
export type StatusCode = 0 | 3 | 4;

/** What is asked besides the CIB; undefined: could not be asked. */
export type Asked = {
  readonly local: Local | undefined;
  /** The last fencing, in words, and whether it failed; undefined: none is recorded. */
  readonly fencing: { readonly says: string; readonly failed: boolean } | undefined;
  readonly now: Date;
};

export type Status = {
  readonly code: StatusCode;
  readonly write: string;
  readonly loss: string;
  readonly failover: readonly string[];
  readonly nodes: readonly string[];
  /** Nodes that are being made standbys again. */
  readonly rejoins: readonly Rejoin[];
  readonly todo: string;
};

export function statusOf(view: View, asked: Asked): Status {
  const write = mayWrite(view, asked.now);
  const against = objections(view, asked);
  const code = write.yes ? (against.length === 0 ? 0 : 3) : 4;
  return {
    code,
    write: write.says,
    loss: wouldBeLost(view, asked.local),
    failover: against.length === 0 ? [worksBecause(view, asked)] : against.map(({ says }) => says),
    nodes: view.nodes.map((node) => nodeLine(view, node)),
    rejoins: rejoinsOf(view, asked.now),
    todo: against[0]?.todo ?? (code === 0 ? 'nothing' : 'cfha explain, on each node, says why nobody is promoted'),
  };
}

function mayWrite(view: View, now: Date): { readonly yes: boolean; readonly says: string } {
  const primary = primaryOf(view);
  if (primary === undefined) return { yes: false, says: 'no: there is no primary' };
  const where = view.vip === undefined ? primary.name : `${view.vip.address} (${primary.name})`;
  if (valueOf(view, primary, 'status') !== 'PRI')
    return { yes: false, says: `not yet: ${primary.name} is being promoted, or does not answer` };
  const waits = primary.attributes[`${view.resource}-waits-for`];
  if (waits !== undefined)
    return { yes: false, says: `reads only, at ${where}: commits wait for ${waiting(waits, now)}` };
  if (view.vip !== undefined && view.vip.on !== primary.name)
    return {
      yes: false,
      says: `not at ${view.vip.address}: the virtual IP is on ${view.vip.on ?? 'no node'}, the primary on ${primary.name}`,
    };
  return { yes: true, says: `yes, at ${where}` };
}

/** `NODE since SECONDS: why`: the seconds are since the epoch. Anything else is shown as it is. */
function waiting(value: string, now: Date): string {
  const [, node, since, why] = /^(\S+) since (\d{9,11}): (.*)$/.exec(value) ?? [];
  if (node === undefined) return value;
  return `${node}, for ${Math.max(0, Math.round(now.getTime() / 1000 - Number(since)))} s: ${why ?? ''}`;
}

function standbysOf(view: View): readonly NodeView[] {
  return view.nodes.filter((node) => streams(view, node));
}

function wouldBeLost(view: View, local: Local | undefined): string {
  if (primaryOf(view) === undefined) return 'unknown: there is no primary';
  const sync = standbysOf(view).find((node) => /\|(SYNC|QUORUM)$/.test(valueOf(view, node, 'dataStatus') ?? ''));
  if (sync !== undefined)
    return `nothing that was acknowledged: ${sync.name} has each commit before the client is answered`;
  if (standbysOf(view).length === 0) return 'all that was written since a standby last streamed';
  const measured = measuredLag(local);
  return measured === undefined
    ? 'what the standby has not received yet: not measured here (run cfha status on a node with PostgreSQL)'
    : `${measured}, and what is written in the moments of the failure`;
}

function measuredLag(local: Local | undefined): string | undefined {
  if (local?.role === 'primary') {
    const [best] = local.standbys.toSorted((a, b) => a.bytes - b.bytes);
    return best && `${bytes(best.bytes)} that ${best.node} has not on its disk yet (${best.seconds.toFixed(2)} s)`;
  }
  return local?.behindBytes === undefined
    ? undefined
    : `${bytes(local.behindBytes)} that this standby has not received yet, as of ${(local.silentSeconds ?? 0).toFixed(0)} s ago`;
}

type Objection = { readonly says: string; readonly todo: string };

function worksBecause(view: View, { fencing }: Asked): string {
  const names = standbysOf(view).map(({ name }) => name);
  return `yes: ${names.join(', ')} streams; fencing is on and its devices answer${fencing === undefined ? ', never used so far' : `; last: ${fencing.says}`}; quorum is there`;
}

/** All that speaks against a failover going well, the worst first, each with what to do. */
function objections(view: View, asked: Asked): readonly Objection[] {
  const when = (holds: boolean, says: string, todo: string) => (holds ? [{ says, todo }] : []);
  const failed = view.devices.filter((device) => device.failed).map(({ id }) => id);
  return [
    ...when(!view.quorate, 'no: this partition of the cluster has no quorum', 'bring the other node back'),
    ...when(view.maintenance, 'no: the cluster is in maintenance mode, and answers no failure', 'pcs property set maintenance-mode=false'),
    ...view.nodes.flatMap((node) => nodeObjections(view, node, asked.now)),
    ...when(!view.stonith, 'no: fencing is off (stonith-enabled=false)', 'pcs property set stonith-enabled=true'),
    ...when(view.stonith && view.devices.length === 0, 'no: there is no fence device', 'pcs stonith create …'),
    ...failed.map((id) => ({ says: `no: the fence device ${id} does not answer`, todo: `its log; then pcs stonith cleanup ${id}` })),
    ...fencingObjection(asked.fencing),
    ...when(keepsWithoutLimit(view, asked.local), 'unsure: while a standby is away, its slot keeps WAL until the disk of the primary is full (max_slot_wal_keep_size = -1)', "on each node: alter system set max_slot_wal_keep_size = '4GB'; select pg_reload_conf()"),
    ...when(strays(asked.local) !== '', `unsure: logical slots of a former primary keep WAL on this standby: ${strays(asked.local)}`, 'select pg_drop_replication_slot(NAME) here, if nobody will read it again; or logical_slots=drop'),
    ...when(view.bans.length > 0, `unsure: constraints keep it from nodes: ${view.bans.map(({ id }) => id).join(', ')}`, `pcs resource clear ${view.clone}`),
  ]; // prettier-ignore
}

/** As the server that runs here has it, whatever its files say. */
function keepsWithoutLimit({ parameters }: View, local: Local | undefined): boolean {
  const wanted = (parameters['replication_slot_name'] ?? '') !== '';
  return local?.slots.limit === '-1' && (wanted || local.slots.count > 0);
}

/** On the node of this server only: others are verify's. */
function strays(local: Local | undefined): string {
  return local?.role === 'standby' ? local.slots.strays.join(', ') : '';
}

function fencingObjection(last: Asked['fencing']): readonly Objection[] {
  return last?.failed === true
    ? [{ says: `unsure: the last fencing failed (${last.says})`, todo: 'pcs stonith history' }]
    : [];
}

function nodeObjections(view: View, node: NodeView, now: Date): readonly Objection[] {
  const { name } = node;
  if (!node.online)
    return [{ says: `no: ${name} is not in the cluster`, todo: `start it: pcs cluster start ${name}, or its power` }];
  if (node.standby) return [{ says: `no: ${name} is in standby`, todo: `cfha unstandby ${name}` }];
  const rejoin = rejoinsOf({ ...view, nodes: [node] }, now)[0];
  if (rejoin !== undefined)
    return [{ says: `not yet: ${name} is made a standby again: ${rejoinText(rejoin)}`, todo: 'wait: it goes on by itself' }]; // prettier-ignore
  if (node.role === undefined) return [stoppedNode(view, node)];
  return node.role === 'Unpromoted' && primaryOf(view) !== undefined && !streams(view, node)
    ? [silentStandby(view, node)]
    : [];
}

function silentStandby(view: View, node: NodeView): Objection {
  const { name } = node;
  const slot = valueOf(view, node, 'slot');
  if (slot === 'lost')
    return {
      says: `no: ${name} was away for longer than its slot may keep WAL (max_slot_wal_keep_size)`,
      todo: `an archive, or cfha rejoin ${name} --clone`,
    };
  return slot === 'missing'
    ? {
        says: `no: ${name} does not stream: the primary had no replication slot for it`,
        todo: `wait a monitor: the primary makes it; if it stays so, max_replication_slots may be used up (log of the primary's node)`,
      }
    : { says: `no: ${name} does not stream from the primary`, todo: `cfha explain, on ${name}` };
}

function stoppedNode(view: View, { name, failures, reason }: NodeView): Objection {
  if (/\[(LOCKED|DIVERGED|FOREIGN_DATA)\]/.test(reason ?? ''))
    return {
      says: `no: ${name} was the primary and waits for a person: ${reason ?? ''}`,
      todo: `cfha unlock ${name}; see "A former primary does not start" in docs/operations.md`,
    };
  return failures > 0
    ? {
        says: `no: PostgreSQL failed on ${name}: ${reason ?? 'crm_mon -1f says why'}`,
        todo: `repair that, then cfha cleanup`,
      }
    : {
        says: `no: PostgreSQL does not run on ${name}`,
        todo: `pcs resource enable ${view.clone}, or cfha explain on ${name}`,
      };
}

function nodeLine(view: View, node: NodeView): string {
  const words = [
    roleIn(node),
    valueOf(view, node, 'status'),
    valueOf(view, node, 'dataStatus'),
    node.failures > 0 ? `failures: ${node.failures}` : undefined,
  ];
  return `${node.name.padEnd(12)} ${words.filter((word) => word !== undefined).join(', ')}`;
}

function roleIn({ online, standby, role }: NodeView): string {
  if (!online) return 'offline';
  if (standby) return 'in standby';
  return role === 'Promoted' ? 'primary' : role === 'Unpromoted' ? 'standby' : 'stopped';
}

export function statusText({ write, loss, failover, nodes, todo }: Status): string {
  const [why = '', ...more] = failover;
  return [
    `May I write?             ${write}`,
    `Lost if it died now:     ${loss}`,
    `Will a failover work?    ${why}`,
    ...more.map((line) => `                         ${line}`),
    `What should I do?        ${todo}`,
    '',
    ...nodes,
    '',
  ].join('\n');
}
