// What must never be, checked where it could become so. A violation ends the schedule.
import { broken, isLive, nodeAt, tell, type Node, type World } from './world.ts';

export const rules = {
  twoPrimaries: 'two primaries acknowledge',
  lost: 'an acknowledged commit is absent from the next primary',
  diverged: 'a diverged node is promoted',
  timeline: 'a node below the highest timeline is promoted',
  lock: 'the lock is cleared on a diverged node, and it serves',
  endless: 'the schedule does not end',
  stuck: 'the faults have stopped, and it does not recover',
} as const;

/** Up to where two histories are the same. */
function commonLength(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  let same = 0;
  while (same < length && a[same] === b[same]) same++;
  return same;
}

/** True if the node went on where the last primary's timeline began: it has records that this history does not have. */
export function hasDiverged({ truth }: World, { server }: Node): boolean {
  const there = server.wal[truth.begins];
  return there !== undefined && there !== truth.wal[truth.begins];
}

/** A promotion has come to its end: from now on clients may use it. */
export function checkPromoted(world: World, node: Node): void {
  const { truth } = world;
  if (node.server.byHand) adopt(world, node);
  truth.wal = node.server.wal;
  truth.begins = node.server.history.at(-1)?.end ?? 0;
  truth.highest = Math.max(truth.highest, node.server.timeline);
  world.counts.promotions++;
}

/** What was promoted behind the cluster's back has become its primary: from here on it is judged as any other. */
function adopt(world: World, node: Node): void {
  checkPromotion(world, node);
  node.server.byHand = false;
  node.server.incarnation = ++world.truth.incarnation;
}

/** A commit is acknowledged: true if a client can have got the answer. */
export function reachesClient(world: World, node: Node): boolean {
  if (!node.vip || !isLive(node)) return false;
  const { incarnation } = node.server;
  if (incarnation < world.truth.ackedBy)
    broken(world, rules.twoPrimaries, `${node.name} acknowledges after a later primary did`);
  world.truth.ackedBy = Math.max(world.truth.ackedBy, incarnation);
  return true;
}

function missing(world: World, node: Node, records: readonly number[]): readonly number[] {
  const { wal } = node.server;
  return records.filter((record) => wal[world.records[record]?.position ?? 0] !== record);
}

/** A node is about to be promoted, with this WAL. */
export function checkPromotion(world: World, node: Node): void {
  const { truth } = world;
  checkLosses(world, node);
  if (hasDiverged(world, node)) broken(world, rules.diverged, `${node.name} has what the last primary had not`);
  if (node.server.timeline < truth.highest)
    broken(world, rules.timeline, `${node.name} is on ${node.server.timeline}, ${truth.highest} was promoted`);
}

/** In asynchronous mode they are counted only; so are, in every mode, commits that were seen and never acknowledged. */
function checkLosses(world: World, node: Node): void {
  const lost = missing(world, node, world.acked);
  const unseen = missing(world, node, world.seen);
  const last = lost.at(-1);
  if (last !== undefined && world.schedule.mode !== 'async') {
    const by = nodeAt(world, world.records[last]?.by ?? 0).name;
    broken(world, rules.lost, `${node.name} lacks ${lost.length}, the last acknowledged by ${by} as record ${last}`);
  }
  world.counts.lost += lost.length;
  world.counts.seenLost += unseen.length;
  if (last !== undefined) world.acked = world.acked.filter((record) => !lost.includes(record));
  if (unseen.length > 0) world.seen = world.seen.filter((record) => !unseen.includes(record));
}

/** A standby begins to stream: PostgreSQL compares timelines, we compare the records. */
export function checkFollows(world: World, standby: Node, primary: Node): void {
  const [a, b] = [standby.server.wal, primary.server.wal];
  if (commonLength(a, b) < Math.min(a.length, b.length))
    broken(world, rules.lock, `${standby.name} streams from ${primary.name} although their histories differ`);
  else tell(world, standby.name, `streams from ${primary.name} at ${a.length}`);
}
