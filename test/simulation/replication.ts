// Streaming replication: who sends to whom, what arrives, what is answered.
import { release } from './commits.ts';
import { checkFollows } from './invariants.ts';
import {
  isLive,
  nodeAt,
  onNode,
  onServer,
  span,
  tell,
  type Node,
  type Sender,
  type Server,
  type World,
} from './world.ts';
import { chance } from './random.ts';

/** Writing to disk. */
export function flushMs(world: World, node: Node): number {
  return node.slowDisk ? span(world, 500, 4000) : span(world, 1, 12);
}

function passes(world: World, from: Node, to: Node): boolean {
  return ((world.wal[from.index] ?? 0) & to.bit) !== 0 && isLive(from) && isLive(to);
}

export function connected(world: World, a: Node, b: Node): boolean {
  return passes(world, a, b) && passes(world, b, a);
}

/** A ready standby looks for its primary, which is behind the virtual address. */
export function follow(world: World, node: Node): void {
  onServer(world, node, { ms: span(world, 100, 2500), run: () => attempt(world, node) });
}

function attempt(world: World, node: Node): void {
  const { server } = node;
  if (!isReadyStandby(server) || server.isolated || server.upstream !== undefined) return;
  const primary = world.nodes.find((other) => other !== node && other.vip && connected(world, node, other));
  if (primary === undefined || !serves(primary.server) || !fits(server, primary.server)) {
    onServer(world, node, { ms: span(world, 1500, 5000), run: () => attempt(world, node) });
    return;
  }
  checkFollows(world, node, primary);
  server.upstream = primary.index;
  server.known = Math.max(server.known, primary.server.known);
  const sender: Sender = {
    node: node.index,
    run: server.run,
    state: 'CATCHUP',
    sent: server.wal.length,
    flushed: server.flushed,
    pumping: false,
  };
  primary.server.senders = [...primary.server.senders.filter((row) => row.node !== node.index), sender];
  pump(world, primary, sender);
}

function isReadyStandby({ up, recovery, status }: Server): boolean {
  return up && recovery && status === 'ready';
}

function serves(server: Server): boolean {
  return server.up && server.status === 'ready' && !server.recovery;
}

/** PostgreSQL's own check: the standby's end lies in the history of the primary. */
function fits(standby: Server, primary: Server): boolean {
  if (standby.timeline === primary.timeline) return standby.wal.length <= primary.flushed;
  const left = primary.history.find(({ timeline }) => timeline === standby.timeline);
  return left !== undefined && standby.wal.length <= left.end;
}

/** A primary has flushed more. */
export function offer(world: World, primary: Node, when: 'soon' | 'now' = 'soon'): void {
  for (const sender of primary.server.senders) {
    if (when === 'now') deliver(world, primary, sender);
    else pump(world, primary, sender);
  }
}

function pump(world: World, primary: Node, sender: Sender): void {
  if (sender.pumping) return;
  sender.pumping = true;
  onServer(world, primary, {
    ms: span(world, 1, 8),
    run: () => {
      sender.pumping = false;
      deliver(world, primary, sender);
    },
  });
}

function isConnected(world: World, primary: Node, sender: Sender): boolean {
  const standby = nodeAt(world, sender.node);
  const same = standby.server.run === sender.run && standby.server.upstream === primary.index;
  return same && passes(world, primary, standby) && primary.server.senders.includes(sender);
}

function deliver(world: World, primary: Node, sender: Sender): void {
  const standby = nodeAt(world, sender.node);
  const { server } = standby;
  if (!isConnected(world, primary, sender)) return;
  const until = primary.server.flushed;
  for (let position = server.wal.length; position < until; position++) {
    server.wal.push(primary.server.wal[position] ?? 0);
  }
  takeTimeline(world, server, primary.server);
  sender.sent = until;
  if (sender.state === 'CATCHUP' && sender.sent >= until) sender.state = 'STREAMING';
  onServer(world, standby, {
    ms: flushMs(world, standby),
    run: () => flushed(world, { standby, primary, sender }, until),
  });
}

/** A standby is on the timeline of its last record. */
function takeTimeline(world: World, server: Server, primary: Server): void {
  const timeline = world.records[server.wal[server.wal.length - 1] ?? 0]?.timeline ?? 1;
  if (timeline <= server.timeline) return;
  server.timeline = timeline;
  server.history = primary.history.filter((line) => line.timeline < timeline);
}

type Stream = { readonly standby: Node; readonly primary: Node; readonly sender: Sender };

function flushed(world: World, { standby, primary, sender }: Stream, until: number): void {
  const { server } = standby;
  server.flushed = Math.max(server.flushed, until);
  server.received = server.flushed;
  const lag = chance(world.random, 0.1) ? span(world, 100, 3000) : 2;
  onServer(world, standby, { ms: lag, run: () => (server.replayed = Math.max(server.replayed, until)) });
  reply(world, { standby, primary, sender });
}

function reply(world: World, { standby, primary, sender }: Stream): void {
  const told = standby.server.flushed;
  onServer(world, primary, {
    ms: span(world, 1, 8),
    run: () => {
      if (!passes(world, standby, primary)) return;
      sender.flushed = Math.max(sender.flushed, told);
      release(world, primary);
    },
  });
}

/** A server has ended: those at the other ends of its connections notice, at once or by a time-out. */
export function disconnect(world: World, node: Node): void {
  const { server } = node;
  for (const sender of server.senders) loseUpstream(world, node, nodeAt(world, sender.node));
  server.senders = [];
  if (server.upstream !== undefined) dropSender(world, nodeAt(world, server.upstream), node);
  server.upstream = undefined;
}

function noticing(world: World, node: Node, by: Node): number {
  return connected(world, node, by) ? span(world, 1, 300) : span(world, 5000, 30_000);
}

function loseUpstream(world: World, gone: Node, standby: Node): void {
  onServer(world, standby, {
    ms: noticing(world, gone, standby),
    run: () => {
      if (standby.server.upstream !== gone.index) return;
      standby.server.upstream = undefined;
      attempt(world, standby);
    },
  });
}

function dropSender(world: World, primary: Node, gone: Node): void {
  const { run } = gone.server;
  onServer(world, primary, {
    ms: noticing(world, gone, primary),
    run: () => {
      primary.server.senders = primary.server.senders.filter((row) => row.node !== gone.index || row.run > run);
    },
  });
}

/** A cable was pulled or a node froze: connections that stay dead are given up. */
export function interrupted(world: World): void {
  for (const standby of world.nodes) {
    const { upstream } = standby.server;
    if (upstream === undefined) continue;
    const primary = nodeAt(world, upstream);
    if (!connected(world, standby, primary)) giveUpIfDead(world, standby, primary);
  }
}

function giveUpIfDead(world: World, standby: Node, primary: Node): void {
  const { run } = standby.server;
  const still = (): boolean => standby.server.run === run && standby.server.upstream === primary.index;
  onNode(world, primary, {
    ms: span(world, 5000, 30_000),
    run: () => {
      if (still() && !connected(world, standby, primary))
        primary.server.senders = primary.server.senders.filter((row) => row.node !== standby.index || row.run !== run);
    },
  });
  onNode(world, standby, {
    ms: span(world, 5000, 20_000),
    run: () => {
      const kept = primary.server.senders.some((row) => row.node === standby.index && row.run === run);
      if (!still() || (kept && connected(world, standby, primary))) return;
      standby.server.upstream = undefined;
      tell(world, standby.name, `loses its connection to ${primary.name}`);
      attempt(world, standby);
    },
  });
}

/** Cables are back: what was on its way goes on. */
export function resume(world: World): void {
  for (const primary of world.nodes) {
    for (const sender of primary.server.senders) {
      pump(world, primary, sender);
      const standby = nodeAt(world, sender.node);
      if (standby.server.run === sender.run && standby.server.upstream === primary.index)
        reply(world, { standby, primary, sender });
    }
  }
}
