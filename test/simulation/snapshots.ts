// What the agent finds when it looks: the simulated world as one of its snapshots.
import type { Cluster } from '../../lib/pacemaker/cib.ts';
import type { InstanceAnswer, Sender as SenderRow } from '../../lib/postgres/queries.ts';
import type { Call } from '../../agent/call.ts';
import type { Action } from '../../agent/decide.ts';
import { publishedBy, wantsComparison } from '../../agent/rules/completeness.ts';
import { wantsTimeline } from '../../agent/rules/intent.ts';
import type { Evidence } from '../../agent/rules/lock.ts';
import { wantsEvidence } from '../../agent/rules/rejoin.ts';
import type { Comparison, Session, Snapshot } from '../../agent/snapshot.ts';
import { formatLsn } from '../../lib/postgres/lsn.ts';
import { isQuorate } from './membership.ts';
import { syncState } from './names.ts';
import { connected } from './replication.ts';
import { recordsOf } from './store.ts';
import { nodeAt, type Node, type Server, type World } from './world.ts';

/** Where record number `position` begins: never at the beginning of a page. */
export function lsnAt(position: number): bigint {
  return 0x3000000n + BigInt(position * 96 + 40);
}

const systemId = '7000000000000000001';
const epochMs = 1_700_000_000_000;

function senderRows(world: World, server: Server): readonly SenderRow[] {
  const named = server.senders.map((sender) => ({ sender, name: nodeAt(world, sender.node).name }));
  return named.map(({ sender, name }) => ({
    applicationName: name,
    state: sender.state,
    syncState: syncState(server.names, named, name),
    flushed: lsnAt(sender.flushed),
  }));
}

function answerOf(world: World, { server }: Node): InstanceAnswer {
  const { recovery } = server;
  return {
    inRecovery: recovery,
    synchronousStandbyNames: server.names,
    received: recovery && server.received !== undefined ? lsnAt(server.received) : undefined,
    replayed: recovery ? lsnAt(server.replayed) : undefined,
    written: recovery ? undefined : lsnAt(server.flushed),
    walReceiver: server.upstream !== undefined,
    senders: senderRows(world, server),
    physicalSlots: [],
    lostSlots: [],
    strayLogicalSlots: [],
    timeline: server.timeline,
    systemIdentifier: systemId,
    checkpointerIdle: !recovery && server.names !== '' && server.checked === server.names,
  };
}

export function sessionOf(world: World, node: Node): Session | undefined {
  const { server } = node;
  if (!server.up) return undefined;
  if (server.status !== 'ready') return { failure: { kind: 'starting', message: `it is ${server.status}` } };
  return { answer: answerOf(world, node) };
}

export function clusterOf(world: World, node: Node): Cluster {
  return { nodes: node.copy.nodes, quorate: isQuorate(world, node), fencing: true };
}

/** Without the cluster and the session, which take their own time. */
export type Local = Omit<Snapshot, 'cluster' | 'session'>;

export function localOf(world: World, node: Node, remainingMs: number): Local {
  const { server, files } = node;
  const { up, cleanShutdown } = server;
  return {
    postmaster: up ? { pid: 4711, status: server.status } : undefined,
    standbySignal: files.standbySignal,
    cleanShutdown: up ? undefined : cleanShutdown,
    shutdownAt: !up && cleanShutdown ? lsnAt(server.wal.length - 1) : undefined,
    lock: files.lock,
    rogueLock: files.rogueLock,
    notes: files.notes,
    syncNames: files.names,
    nowMs: epochMs + world.now + node.clockSkew,
    remainingMs,
  };
}

/** Each other member answers for itself, if it can be reached now. */
export function askMembers(world: World, node: Node): NonNullable<Snapshot['peerRecords']> {
  return Object.fromEntries(recordsOf(world, node));
}

type Asking = { readonly world: World; readonly node: Node; readonly call: Call; readonly action: Action };

/** What the agent finds in the WAL files of its node, where it looks. */
export function withOwnWal(snapshot: Snapshot, { world, node, call, action }: Asking): Snapshot {
  if (wantsTimeline(action, { snapshot, call })) {
    const found = { ...snapshot, walTimeline: node.server.timeline };
    return wantsEvidence(action, found, call) ? { ...found, evidence: evidenceOf(world, node) } : found;
  }
  return wantsComparison(action, { snapshot, call })
    ? { ...snapshot, comparison: comparisonOf(node.server, publishedBy({ snapshot, call })) }
    : snapshot;
}

function comparisonOf(server: Server, others: ReturnType<typeof publishedBy>): Comparison {
  const sumAt = (end: bigint): string | undefined => {
    const record = server.wal[Number((end - lsnAt(0)) / 96n) - 1];
    return record === undefined ? undefined : record.toString(16);
  };
  const end = lsnAt(Math.max(server.received ?? 0, server.replayed));
  const ancestors = server.history.map((line) => ({ timeline: line.timeline, until: lsnAt(line.end) }));
  const lineage = { systemId, timeline: server.timeline, end, ancestors };
  const sums = Object.entries(others).map(([name, { lineage: other }]) => [name, sumAt(other.end)]);
  return { lineage, sum: sumAt(end), sums: Object.fromEntries(sums) as Comparison['sums'] };
}

/** What a former primary finds out when it asks behind the virtual address: byte by byte, there are no wrong answers. */
function evidenceOf(world: World, node: Node): Evidence {
  const primary = world.nodes.find((other) => other !== node && other.vip && connected(world, node, other));
  if (primary?.server.up !== true || primary.server.recovery || primary.server.status !== 'ready')
    return { verdict: 'no primary', because: 'no answer' };
  const [mine, theirs] = [node.server.wal, primary.server.wal];
  const parted = mine.findIndex((record, n) => theirs[n] !== record);
  const end = formatLsn(lsnAt(mine.length));
  const seen = `timeline ${primary.server.timeline} at ${formatLsn(lsnAt(theirs.length))}`;
  const both = { timeline: node.server.timeline, end, primary: seen };
  if (parted < 0) return { verdict: 'same history', ...both, bytes: true };
  const bytes = `${lsnAt(mine.length) - lsnAt(parted)}`;
  const rest = { systemId, primaryTimeline: primary.server.timeline, rewindable: true };
  return { verdict: 'diverged', ...both, fork: formatLsn(lsnAt(parted)), bytes, ...rest };
}
