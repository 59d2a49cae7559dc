// cfha status: the four questions, answered in words. Pure.
import type { Local } from './local.ts';
import { bytes, rejoinsOf, type Rejoin } from './rejoins.ts';
import { nodeObjections, withoutPrimary } from './remedies.ts';
import { primaryOf, streams, valueOf, type NodeView, type Objection, type View } from './view.ts';
import { mayWrite } from './writing.ts';

/** 0 healthy; 3: writes go on, but a failure now would not be survived well; 4: nobody can write. */
export type StatusCode = 0 | 3 | 4;

/** What is asked besides the CIB; undefined: could not be asked. */
export type Asked = {
  /** Why no copy of the primary can take the place of this node's data, where one may be wanted. */
  readonly copyObstacle?: string | undefined;
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
  const write = mayWrite(view, asked.local, asked.now);
  const against = objections(view, asked);
  const code = write.yes ? (against.length === 0 ? 0 : 3) : 4;
  return {
    code,
    write: write.says,
    loss: wouldBeLost(view, asked.local),
    failover: against.length === 0 ? [worksBecause(view, asked)] : against.map(({ says }) => says),
    nodes: view.nodes.map((node) => nodeLine(view, node)),
    rejoins: rejoinsOf(view, asked.now),
    todo:
      against.find(({ todo }) => todo !== '')?.todo ??
      (code === 0 ? 'nothing' : 'cfha explain, on the node of the primary'),
  };
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

function worksBecause(view: View, { fencing }: Asked): string {
  const names = standbysOf(view).map(({ name }) => name);
  return `yes: ${names.join(', ')} streams; fencing is on and its devices answer${fencing === undefined ? ', never used so far' : `; last: ${fencing.says}`}; quorum is there`;
}

/** All that speaks against a failover going well, the worst first, each with what to do. */
function objections(view: View, asked: Asked): readonly Objection[] {
  const when = (holds: boolean, says: string, todo: string) => (holds ? [{ says, todo }] : []);
  const promoted = view.nodes.filter(({ role }) => role === 'Promoted').map(({ name }) => name);
  const failed = view.devices.filter((device) => device.failed).map(({ id }) => id);
  return [
    ...when(!view.quorate, 'no: this partition of the cluster has no quorum', 'bring the other node back'),
    ...when(view.maintenance, 'no: the cluster is in maintenance mode, and answers no failure', 'pcs property set maintenance-mode=false'),
    ...when(primaryOf(view) === undefined, 'no: there is no primary', withoutPrimary(view) ?? ''),
    ...when(promoted.length > 1, `no: Pacemaker has more than one node promoted: ${promoted.join(', ')}`, 'cfha explain, on each of them'),
    ...view.nodes.flatMap((node) => nodeObjections(view, node, asked.now)),
    ...when(!view.stonith, 'no: fencing is off (stonith-enabled=false)', 'pcs property set stonith-enabled=true'),
    ...when(view.stonith && view.devices.length === 0, 'no: there is no fence device', 'pcs stonith create …'),
    ...failed.map((id) => ({ says: `no: the fence device ${id} does not answer`, todo: `its log; then pcs stonith cleanup ${id}` })),
    ...fencingObjection(asked.fencing),
    ...when(keepsWithoutLimit(view, asked.local), 'unsure: while a standby is away, its slot keeps WAL until the disk of the primary is full (max_slot_wal_keep_size = -1)', "on each node: alter system set max_slot_wal_keep_size = '4GB'; select pg_reload_conf()"),
    ...when(asked.copyObstacle !== undefined, `unsure: no copy of the primary can be made here, which rejoin allows: ${asked.copyObstacle ?? ''}`, 'the data directory below the mount point, with pg_wal inside; or rejoin=rewind'),
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
