// Sequences made from a seed: actions, notifications and faults in an order nobody thought of, but one that a cluster can
// come to. A model of the cluster, no more than who runs as what, keeps them from being nonsense.
import {
  act,
  cannotAsk,
  attribute,
  clone,
  file,
  join_,
  killServer,
  leave,
  monitor,
  notify,
  probe,
  transition,
  vip,
  work,
  type Scenario,
  type Step,
} from '../scenario.ts';

/** A generator of numbers below 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

type Node = {
  readonly name: string;
  runs: 'no' | 'standby' | 'primary';
  online: boolean;
  locked: boolean;
  /** Its data may hold what the present primary lacks, or lack what cannot be streamed. */
  apart: boolean;
  /** Killed, and Pacemaker has not stopped it yet. */
  crashed: boolean;
};

type World = {
  readonly nodes: readonly Node[];
  readonly random: () => number;
  readonly steps: Step[];
  vip: string | undefined;
};

const chance = (world: World, part: number): boolean => world.random() < part;

function pick<T>(world: World, from: readonly T[]): T | undefined {
  return from[Math.floor(world.random() * from.length)];
}

const primaryOf = (world: World) => world.nodes.find((n) => n.runs === 'primary');
const active = (world: World) => world.nodes.filter((n) => n.runs !== 'no' && n.online);
const streams = (world: World, node: Node) =>
  node.runs === 'standby' && !node.apart && world.vip !== undefined && world.vip === primaryOf(world)?.name;

function moveVip(world: World, to: string | undefined): void {
  world.vip = to;
  world.steps.push(vip(to));
}

/** When a primary goes, a node that was not streaming from it can no longer follow its successor without a base backup. */
function primaryGone(world: World, gone: Node): void {
  for (const node of world.nodes) if (node !== gone && !streams(world, node)) node.apart = true;
}

function start(world: World, node: Node): void {
  if (node.crashed) stop(world, node);
  const primary = primaryOf(world);
  if (node.apart && primary !== undefined) {
    world.steps.push(clone(primary.name, node.name));
    node.apart = false;
  }
  if (node.locked && chance(world, 0.75)) {
    world.steps.push(file(node.name, 'tmp/PGSQL.lock', undefined));
    node.locked = false;
  }
  world.steps.push(...transition('start', node.name, node.locked ? cannotAsk : {}));
  if (node.locked) world.steps.push(act('stop', node.name));
  else node.runs = 'standby';
}

function stop(world: World, node: Node): void {
  if (node.runs === 'primary') demote(world, node);
  world.steps.push(...transition('stop', node.name));
  node.runs = 'no';
  node.crashed = false;
}

function demote(world: World, node: Node): void {
  const alone = !world.nodes.some((n) => n !== node && n.runs === 'standby');
  world.steps.push(...transition('demote', node.name));
  primaryGone(world, node);
  // Only a server that still ran takes the lock away.
  if (alone && !node.crashed) node.locked = false;
  node.runs = 'no';
  node.crashed = false;
  if (world.vip === node.name) moveVip(world, undefined);
}

function promote(world: World, node: Node): void {
  if (node.apart) return;
  // Pacemaker promotes by the score, and an election gives one only to a node that is not recorded as out: D33.
  world.steps.push(attribute(node.name, 'cfpgsql-data-status', 'LATEST'), ...transition('promote', node.name));
  for (const other of world.nodes) other.apart ||= other !== node && other.runs === 'no';
  node.runs = 'primary';
  node.locked = true;
  moveVip(world, node.name);
}

function crash(world: World, node: Node): void {
  world.steps.push(killServer(node.name), monitor(node.name));
  node.crashed = true;
  const wasPrimary = node.runs === 'primary';
  if (wasPrimary) primaryGone(world, node);
  node.runs = 'no';
  if (!wasPrimary) return;
  world.steps.push(...transition('demote', node.name), ...transition('stop', node.name));
  node.crashed = false;
  if (world.vip === node.name) moveVip(world, undefined);
}

function goAway(world: World, node: Node): void {
  if (node.runs === 'primary') primaryGone(world, node);
  else node.apart = node.apart || !streams(world, node);
  world.steps.push(leave(node.name));
  Object.assign(node, { runs: 'no', online: false, crashed: false });
  if (world.vip === node.name) moveVip(world, undefined);
}

function comeBack(world: World, node: Node): void {
  world.steps.push(join_(node.name), probe(node.name));
  node.online = true;
}

function handMade(world: World, node: Node): void {
  const names = [
    'cfpgsql-status',
    'cfpgsql-data-status',
    'cfpgsql-xlog-loc',
    'cfpgsql-master-baseline',
    'master-cfpgsql',
  ];
  const name = pick(world, names) ?? 'cfpgsql-status';
  // Without a data-status upstream's monitor of a standby never ends: D23.
  world.steps.push(attribute(node.name, name, name.endsWith('data-status') ? 'STREAMING|ASYNC' : undefined));
}

function strayNotice(world: World, node: Node): void {
  const op = pick(world, ['start', 'stop', 'promote', 'demote']) ?? 'start';
  const about = pick(world, world.nodes)?.name ?? node.name;
  // At post-demote a node publishes its position: one whose server does not run has none.
  world.steps.push(
    notify(node.name, { type: pick(world, ['pre', 'post'] as const) ?? 'post', op, about: { [op]: [about] } }),
  );
}

type Move = {
  readonly weight: number;
  readonly when: (w: World, n: Node) => boolean;
  readonly do: (w: World, n: Node) => void;
};

const moves: readonly Move[] = [
  { weight: 14, when: (_, n) => n.online && n.runs !== 'no', do: (w, n) => void w.steps.push(monitor(n.name)) },
  { weight: 3, when: (_, n) => n.online && !n.crashed, do: (w, n) => void w.steps.push(probe(n.name)) },
  { weight: 10, when: (_, n) => n.online && n.runs === 'no', do: start },
  { weight: 12, when: (w, n) => n.runs === 'standby' && primaryOf(w) === undefined, do: promote },
  { weight: 3, when: (_, n) => n.runs === 'standby', do: stop },
  { weight: 3, when: (_, n) => n.runs === 'primary', do: stop },
  { weight: 4, when: (_, n) => n.runs === 'primary', do: (w, n) => void w.steps.push(work(n.name)) },
  { weight: 3, when: (_, n) => n.runs !== 'no', do: crash },
  { weight: 2, when: (w, n) => n.online && w.nodes.length > 1, do: goAway },
  { weight: 8, when: (_, n) => !n.online, do: comeBack },
  { weight: 3, when: () => true, do: handMade },
  { weight: 3, when: (_, n) => n.online && n.runs !== 'no', do: strayNotice },
  {
    weight: 1,
    when: (_, n) => n.online && n.runs === 'no' && !n.crashed,
    do: (w, n) => void w.steps.push(act('stop', n.name)),
  },
  {
    weight: 1,
    when: (_, n) => n.online && n.runs === 'no' && !n.crashed,
    do: (w, n) => void w.steps.push(act('demote', n.name)),
  },
  {
    weight: 1,
    when: (_, n) => n.online && n.runs === 'no' && !n.crashed,
    do: (w, n) => {
      w.steps.push(file(n.name, 'tmp/PGSQL.lock', ''));
      n.locked = true;
    },
  },
];

function move(world: World): void {
  const node = pick(world, world.nodes);
  if (node === undefined) return;
  const possible = moves.filter((m) => m.when(world, node));
  let at = world.random() * possible.reduce((sum, m) => sum + m.weight, 0);
  possible.find((m) => (at -= m.weight) < 0)?.do(world, node);
}

/** Several monitors in a row, as time passes. */
function timePasses(world: World): void {
  for (let round = 0; round < 2; round++) for (const node of active(world)) world.steps.push(monitor(node.name));
}

function parametersOf(random: () => number, names: readonly string[]): Record<string, string> {
  const when = (part: number, more: Record<string, string>) => (random() < part ? more : {});
  return {
    rep_mode: random() < 0.5 ? 'async' : 'sync',
    node_list: names.join(' '),
    master_ip: '@side/vip',
    ...when(0.2, { replication_slot_name: 'slot' }),
    ...when(0.15, { restart_on_promote: 'true' }),
    ...when(0.4, { xlog_check_count: '1' }),
    // Not check_wal_receiver: what upstream publishes of a stopped server depends on what else runs on the host (D24).
  };
}

const quick = 12;
export const sequences = 160;

/** The sequence of a seed. */
export function generated(seed: number): Scenario {
  const random = randomFrom(seed * 7919);
  const names = random() < 0.2 ? ['n1', 'n2', 'n3'] : ['n1', 'n2'];
  const parameters = parametersOf(random, names);
  const nodes = names.map((name): Node => ({
    name,
    runs: 'no',
    online: true,
    locked: false,
    apart: false,
    crashed: false,
  }));
  const world: World = { nodes, random, steps: [], vip: undefined };
  for (const node of nodes) if (chance(world, 0.8)) start(world, node);
  for (let turn = 0; turn < 9; turn++) {
    move(world);
    if (chance(world, 0.25)) timePasses(world);
  }
  timePasses(world);
  return { name: `sequence ${seed}`, parameters, nodes: names, steps: world.steps, core: seed <= quick };
}
