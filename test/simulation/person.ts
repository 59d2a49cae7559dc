// A simulated person: compares histories properly, clears locks, copies anew what has diverged, and gives their word.
import { evaluateSoon } from './controller.ts';
import { hasDiverged } from './invariants.ts';
import { membersOf } from './membership.ts';
import { write } from './store.ts';
import { isLive, later, span, tell, type Node, type World } from './world.ts';

export function primaryOf(world: World): Node | undefined {
  return world.nodes.find(
    (node) => node.lrm.role === 'promoted' && node.vip && isLive(node) && node.server.up && !node.server.recovery,
  );
}

export function lookAfter(world: World): void {
  const calm = world.now > world.faultsUntil;
  later(world, calm ? span(world, 4000, 8000) : span(world, 15_000, 60_000), () => {
    visit(world);
    lookAfter(world);
  });
}

function note(world: World, what: string): void {
  world.waitsForPerson[what] = (world.waitsForPerson[what] ?? 0) + 1;
  world.counts.byPerson++;
}

function visit(world: World): void {
  const primary = primaryOf(world);
  const calm = world.now > world.faultsUntil;
  if (primary !== undefined) world.noPrimarySince = world.now;
  for (const node of world.nodes.filter((each) => each.stack && isLive(each) && each !== primary))
    attend(world, node, primary);
  if (calm && primary === undefined && world.now - world.noPrimarySince > 30_000) choose(world);
}

function attend(world: World, node: Node, primary: Node | undefined): void {
  if (primary !== undefined && (primary.members & node.bit) !== 0) tend(world, node, primary);
  else if (world.now > world.faultsUntil) forgive(world, node);
}

/** crm_resource --cleanup, and --clear. */
function forgive(world: World, node: Node): void {
  node.lrm.keptOff = false;
  node.lrm.bannedUntil = 0;
  evaluateSoon(world, node);
}

/** True if PostgreSQL of `node` could follow: all it has is in the primary's history. */
function isPartOf(node: Node, primary: Node): boolean {
  const { wal } = node.server;
  return wal.length <= primary.server.flushed && wal.every((record, n) => primary.server.wal[n] === record);
}

function tend(world: World, node: Node, primary: Node): void {
  const { lrm, files } = node;
  const fits = isPartOf(node, primary);
  if (lrm.busy || (fits && !files.lock)) return forgive(world, node);
  if (node.server.up || lrm.role !== 'stopped') {
    // A standby that cannot follow: it is stopped first.
    if (isAstray(node) && !fits) lrm.keptOff = true;
    return evaluateSoon(world, node);
  }
  restoreData(world, node, { primary, fits });
}

function isAstray({ server }: Node): boolean {
  return server.recovery && server.upstream === undefined;
}

type Comparison = { readonly primary: Node; readonly fits: boolean };

function restoreData(world: World, node: Node, { primary, fits }: Comparison): void {
  note(world, fits ? 'a lock on data that fit' : 'data that have diverged');
  tell(world, node.name, fits ? 'a person removes the lock' : 'a person copies the data anew');
  if (!fits) copyFrom(node, primary);
  node.files.lock = node.files.rogueLock = false;
  forgive(world, node);
}

function copyFrom({ server }: Node, { server: from }: Node): void {
  server.wal = from.wal.slice(0, from.flushed);
  server.flushed = server.replayed = server.wal.length;
  server.timeline = server.known = from.timeline;
  server.history = from.history;
  server.cleanShutdown = false;
}

/** Nobody serves: the newest data decide, if all are there to compare. */
function choose(world: World): void {
  const [first] = world.nodes;
  if (first === undefined || membersOf(world, first).length < world.nodes.length) return;
  const best = world.nodes.reduce((a, b) => (isNewer(world, b, a) ? b : a));
  if (best.files.lock && !best.files.rogueLock && isIdle(best)) {
    note(world, 'no primary: the lock of the newest');
    tell(world, best.name, 'a person removes the lock: its data are the newest');
    best.files.lock = best.files.rogueLock = false;
    return forgive(world, best);
  }
  if (world.now - world.noPrimarySince >= 60_000) giveWord(world, best);
}

function isIdle({ lrm }: Node): boolean {
  return lrm.role === 'stopped' && !lrm.busy;
}

function giveWord(world: World, best: Node): void {
  for (const node of world.nodes) if (node !== best && node.files.lock) reconcile(world, node, best);
  if (best.lrm.role !== 'started') return;
  note(world, 'no primary: a word for the newest');
  tell(world, best.name, 'a person gives their word for it');
  write(world, best, { node: best.name, lifetime: 'reboot', name: 'pg-accept-loss', value: 'all' });
  world.noPrimarySince = world.now;
}

/** A former primary that is not the newest: what it has is part of the newest data, or is given up. */
function reconcile(world: World, node: Node, best: Node): void {
  if (!isIdle(node) || node.server.up) return;
  note(world, 'no primary: a lock beside the newest');
  tell(world, node.name, `a person makes it follow ${best.name}`);
  if (!isPartOf(node, best)) copyFrom(node, best);
  node.files.lock = node.files.rogueLock = false;
  forgive(world, node);
}

function isNewer(world: World, a: Node, b: Node): boolean {
  const lacks = (node: Node): number =>
    world.acked.filter((record) => node.server.wal[world.records[record]?.position ?? 0] !== record).length;
  const [mine, other] = [lacks(a), lacks(b)];
  if (hasDiverged(world, a) !== hasDiverged(world, b)) return !hasDiverged(world, a);
  if (mine !== other) return mine < other;
  if (a.server.timeline !== b.server.timeline) return a.server.timeline > b.server.timeline;
  return a.server.wal.length > b.server.wal.length;
}
