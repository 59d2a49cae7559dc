// What the agent finds when it looks: the simulated world as one of its snapshots.
import type { Cluster } from '../../lib/pacemaker/cib.ts';
import type { InstanceAnswer, Sender as SenderRow } from '../../lib/postgres/queries.ts';
import type { Session, Snapshot } from '../../agent/snapshot.ts';
import { isQuorate } from './membership.ts';
import { syncState } from './names.ts';
import { recordsOf } from './store.ts';
import { nodeAt, type Node, type Server, type World } from './world.ts';

/** Where record number `position` begins: never at the beginning of a page. */
export function lsnAt(position: number): bigint {
  return 0x3000000n + BigInt(position * 96 + 40);
}

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
    systemIdentifier: '7000000000000000001',
    checkpointerIdle: !recovery && server.names !== '' && server.checked === server.names,
  };
}

export function sessionOf(world: World, node: Node): Session | undefined {
  const { server } = node;
  if (!server.up) return undefined;
  if (server.status !== 'ready') return { failure: { kind: server.status, message: `it is ${server.status}` } };
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
