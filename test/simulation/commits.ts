// A commit between its flush and its answer.
import { reachesClient } from './invariants.ts';
import { released } from './names.ts';
import { nodeAt, type Node, type World } from './world.ts';

/** A record of this server; returns its number. */
export function append(world: World, node: Node, state: 'none' | 'open'): number {
  const { server } = node;
  const record = world.records.length;
  const at = { timeline: server.timeline, position: server.wal.length, by: node.index };
  world.records.push({ ...at, state, visible: false });
  server.wal.push(record);
  return record;
}

function show(world: World, record: number): void {
  const entry = world.records[record];
  if (entry === undefined || entry.visible) return;
  entry.visible = true;
  world.visible.push(record);
}

/** What waited when a server ended is visible when it, or its standby, serves. */
export function showFailed(world: World, node: Node): void {
  for (const record of node.server.wal) if (world.records[record]?.state === 'failed') show(world, record);
}

/** The backend's next step after the flush: the checkpointer's word decides whether it waits. */
export function written(world: World, node: Node, position: number): void {
  const record = node.server.wal[position] ?? 0;
  if (world.records[record]?.state !== 'open') return;
  if (node.server.checked === '') acknowledge(world, node, record);
  else node.server.waiting.push({ position: position + 1, record });
}

function acknowledge(world: World, node: Node, record: number): void {
  const entry = world.records[record];
  if (entry?.state !== 'open') return;
  const reached = reachesClient(world, node);
  entry.state = reached ? 'acked' : 'failed';
  show(world, record);
  if (reached) {
    world.acked.push(record);
    world.counts.acknowledged++;
  } else world.counts.uncertain++;
}

/** Standbys have told how far they are, or the names have changed. */
export function release(world: World, node: Node): void {
  const { server } = node;
  if (server.waiting.length === 0) return;
  const until = releasedUntil(world, node);
  for (let first = server.waiting[0]; first !== undefined && first.position <= until; first = server.waiting[0]) {
    server.waiting.shift();
    acknowledge(world, node, first.record);
  }
}

function releasedUntil(world: World, { server }: Node): number {
  if (server.checked === '') return Infinity;
  if (server.names === '') return 0;
  const senders = server.senders.map((sender) => ({ sender, name: nodeAt(world, sender.node).name }));
  return released(server.names, senders);
}

/** A client that waited long enough: its cancelled commit becomes visible, and was never acknowledged. */
export function cancel(world: World, node: Node, record: number): void {
  const entry = world.records[record];
  if (entry?.state !== 'open') return;
  entry.state = 'failed';
  world.counts.uncertain++;
  node.server.waiting = node.server.waiting.filter((waiting) => waiting.record !== record);
  if (node.server.flushed > entry.position) show(world, record);
}

/** The clients' connections end with the server. */
export function abandon(world: World, node: Node): void {
  const { server } = node;
  for (const record of server.wal) {
    const entry = world.records[record];
    if (entry?.state !== 'open' || entry.by !== node.index) continue;
    entry.state = 'failed';
    world.counts.uncertain++;
  }
  server.waiting = [];
}
