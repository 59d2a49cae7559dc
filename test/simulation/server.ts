// PostgreSQL of one node: starting, ending, promoting, committing. Records stand for WAL; a position is a count of them.
import { abandon, append, cancel, release, showFailed, written } from './commits.ts';
import { checkPromotion } from './invariants.ts';
import { settingIn } from './names.ts';
import { chance } from './random.ts';
import { disconnect, flushMs, follow, offer } from './replication.ts';
import { onNode, onServer, span, tell, type Node, type World } from './world.ts';

/** A commit arrives at a primary: it is written, flushed, and then waits or not. */
export function commit(world: World, node: Node): void {
  const record = append(world, node, 'open');
  flushSoon(world, node);
  const patience = chance(world.random, 0.1) ? span(world, 500, 15_000) : 0;
  if (patience > 0) onServer(world, node, { ms: patience, run: () => cancel(world, node, record) });
}

function flushSoon(world: World, node: Node): void {
  const { server } = node;
  if (server.flushing) return;
  server.flushing = true;
  const until = server.wal.length;
  onServer(world, node, {
    ms: flushMs(world, node),
    run: () => {
      server.flushing = false;
      const from = server.flushed;
      server.flushed = Math.max(server.flushed, until);
      server.replayed = server.flushed;
      offer(world, node);
      for (let position = from; position < until; position++) written(world, node, position);
      if (server.wal.length > until) flushSoon(world, node);
    },
  });
}

/** The end of the postmaster, however it came. */
function ended(world: World, node: Node): void {
  const { server } = node;
  server.up = false;
  server.run++;
  server.flushing = false;
  server.received = undefined;
  disconnect(world, node);
  for (const tellEnd of server.whenEnded.splice(0)) tellEnd();
}

/** kill -9: what was only in memory is gone, what the kernel had is not. */
export function crash(world: World, node: Node): void {
  const { server } = node;
  if (!server.up) return;
  if (server.recovery) {
    server.flushed = server.wal.length;
  } else {
    abandon(world, node);
    server.wal.length = server.flushed;
  }
  server.cleanShutdown = false;
  ended(world, node);
}

/** The power is gone: what was not on disk is lost. */
export function losePower(world: World, node: Node): void {
  const { server } = node;
  if (server.up && !server.recovery) abandon(world, node);
  server.wal.length = server.flushed;
  server.replayed = Math.min(server.replayed, server.flushed);
  server.timeline = world.records[server.wal[server.wal.length - 1] ?? 0]?.timeline ?? 1;
  if (!server.up) return;
  server.cleanShutdown = false;
  ended(world, node);
}

/** A backend died: the postmaster restarts all, in place. */
export function restartAfterCrash(world: World, node: Node): void {
  const { server } = node;
  if (!server.up || server.recovery || server.status !== 'ready') return;
  const { names } = server;
  crash(world, node);
  server.up = true;
  server.status = 'starting';
  server.names = server.checked = names;
  onServer(world, node, { ms: span(world, 200, 2000), run: () => ready(world, node) });
}

function ready(world: World, node: Node): void {
  const { server } = node;
  server.status = 'ready';
  if (!server.recovery) append(world, node, 'none');
  server.replayed = server.flushed = server.wal.length;
  if (server.recovery) return follow(world, node);
  showFailed(world, node);
  tell(world, node.name, `is a primary on timeline ${server.timeline} again, end ${server.wal.length}`);
}

/** `done` is called once: it is ready, or it has died before. */
export function start(world: World, node: Node, done: (ready: boolean) => void): void {
  const { server, files } = node;
  if (server.up) return done(true);
  server.up = true;
  server.run++;
  server.status = 'starting';
  server.recovery = files.standbySignal;
  server.cleanShutdown = false;
  server.names = server.checked = files.included ? settingIn(files.repMode) : '';
  onServer(world, node, {
    ms: node.slowDisk ? span(world, 2000, 12_000) : span(world, 200, 1500),
    run: () => {
      server.whenEnded.length = 0;
      ready(world, node);
      done(true);
    },
  });
  server.whenEnded.push(() => done(false));
}

/** Fast shutdown: the backends end, the standbys are told all, a checkpoint ends the WAL. Otherwise as a crash. */
export function stop(world: World, node: Node, done: () => void): void {
  const { server } = node;
  if (!server.up) return done();
  server.status = 'stopping';
  const slow = node.slowDisk && chance(world.random, 0.5);
  onNode(world, node, {
    ms: slow ? span(world, 8000, 30_000) : span(world, 100, 2000),
    run: () => {
      if (server.up && !slow) endCleanly(world, node);
      else crash(world, node);
      done();
    },
  });
}

function endCleanly(world: World, node: Node): void {
  const { server } = node;
  if (!server.recovery) {
    abandon(world, node);
    append(world, node, 'none');
  }
  server.flushed = server.wal.length;
  if (!server.recovery) offer(world, node, 'now');
  server.cleanShutdown = true;
  ended(world, node);
}

/** SIGHUP: the postmaster, backends and walsenders have it at once, the checkpointer when it comes to it. */
export function reload(world: World, node: Node): void {
  const { server } = node;
  if (!server.up) return;
  const configured = (): string => (node.files.included ? settingIn(node.files.repMode) : '');
  onServer(world, node, {
    ms: span(world, 1, 60),
    run: () => {
      server.names = configured();
      release(world, node);
    },
  });
  const checkpointer = node.slowCheckpointer ? span(world, 3000, 20_000) : span(world, 1, 200);
  onServer(world, node, { ms: checkpointer, run: () => takeNames(world, node, configured()) });
}

function takeNames(world: World, node: Node, names: string): void {
  if (names !== node.server.checked) tell(world, node.name, `commits now wait for ${names === '' ? 'nobody' : names}`);
  node.server.checked = names;
  release(world, node);
}

/** pg_ctl promote: what was received is replayed, a new timeline begins. False if it can't be. */
export function promote(world: World, node: Node): boolean {
  if (!isReadyStandby(node)) return false;
  node.server.flushed = node.server.wal.length;
  checkPromotion(world, node);
  beginTimeline(world, node);
  node.server.incarnation = ++world.truth.incarnation;
  node.server.byHand = false;
  return true;
}

/** The same by an administrator or a recovery target, behind the cluster's back; what it then writes, no client of the region did. */
export function promoteByHand(world: World, node: Node): void {
  if (!isReadyStandby(node)) return;
  node.server.flushed = node.server.wal.length;
  beginTimeline(world, node);
  node.server.byHand = true;
  for (let n = span(world, 0, 3); n > 0; n--) append(world, node, 'none');
  node.server.replayed = node.server.flushed = node.server.wal.length;
}

function isReadyStandby({ server }: Node): boolean {
  return server.up && server.status === 'ready' && server.recovery;
}

function beginTimeline(world: World, node: Node): void {
  const { server } = node;
  disconnect(world, node);
  server.recovery = false;
  node.files.standbySignal = false;
  const left = { timeline: server.timeline, end: server.wal.length };
  server.timeline = server.known = Math.max(server.timeline, server.known) + 1;
  server.history = [...server.history, left];
  append(world, node, 'none');
  server.replayed = server.flushed = server.wal.length;
  showFailed(world, node);
  tell(world, node.name, `is promoted to timeline ${server.timeline}, which begins at ${left.end}`);
}
