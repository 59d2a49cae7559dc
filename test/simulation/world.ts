// The simulated world: servers, their PostgreSQL, their copy of the CIB. Mutable and cheap; one seed makes one world.
import type { Call } from '../../agent/call.ts';
import type { ClusterNode } from '../../lib/pacemaker/cib.ts';
import { emptyQueue, put, type Queue } from './queue.ts';
import { between, seeded, type Random } from './random.ts';
import type { Variant } from './rules.ts';
import type { Schedule } from './schedule.ts';

/** The row of one standby in pg_stat_replication. */
export type Sender = {
  readonly node: number;
  /** Of the standby's server: a restarted one is another. */
  readonly run: number;
  state: 'CATCHUP' | 'STREAMING';
  sent: number;
  flushed: number;
  pumping: boolean;
};

/** Positions count records: the first `flushed` of `wal` survive a loss of power. */
export type Server = {
  up: boolean;
  status: 'starting' | 'ready' | 'stopping';
  /** Counts starts and ends: what was under way for an earlier run is void. */
  run: number;
  recovery: boolean;
  wal: number[];
  flushed: number;
  replayed: number;
  /** What the receiver of this run has on disk; undefined before it streamed. */
  received: number | undefined;
  timeline: number;
  /** The highest timeline it has heard of. */
  known: number;
  /** Which promotion made it a primary. */
  incarnation: number;
  /** A standby that follows nothing. */
  isolated: boolean;
  /** It became a primary behind the cluster's back. */
  byHand: boolean;
  /** The timelines before, each with the position where it was left. */
  history: readonly { readonly timeline: number; readonly end: number }[];
  cleanShutdown: boolean;
  /** synchronous_standby_names as backends and walsenders have it, and as the checkpointer has it. */
  names: string;
  checked: string;
  upstream: number | undefined;
  senders: Sender[];
  waiting: { readonly position: number; readonly record: number }[];
  flushing: boolean;
  /** Who waits for the server hears when it ends. */
  whenEnded: (() => void)[];
};

export type WalRecord = {
  readonly timeline: number;
  readonly position: number;
  readonly by: number;
  state: 'none' | 'open' | 'acked' | 'failed';
  visible: boolean;
};

/** What survives everything but a new disk. */
export type Files = {
  standbySignal: boolean;
  lock: boolean;
  rogueLock: boolean;
  notes: string[];
  repMode: string | undefined;
  /** Of repMode, as the agent reads it. */
  names: readonly string[] | undefined;
  included: boolean;
};

export type Role = 'stopped' | 'started' | 'promoted';

/** What the local executor of Pacemaker knows of the instance. */
export type Lrm = {
  probed: boolean;
  role: Role;
  failed: boolean;
  /** After a failure: not here until then (migration-threshold=1, failure-timeout). */
  bannedUntil: number;
  /** An administrator's or the agent's ban. */
  keptOff: boolean;
  /** Could not be stopped: only fencing helps. */
  stuck: boolean;
  busy: boolean;
  queue: (() => void)[];
  /** Counts recurring monitors: a cancelled one does not run again. */
  watch: number;
};

export type NodeState = ClusterNode & {
  readonly inMembership: boolean;
  readonly expected: 'member' | 'down' | undefined;
};

/** One node's copy of the CIB; replaced, never changed: an agent may hold it. */
export type Copy = {
  readonly epoch: number;
  readonly updates: number;
  readonly nodes: Readonly<Record<string, NodeState>>;
};

export type Change =
  | {
      readonly node: string;
      readonly lifetime: 'reboot' | 'forever';
      readonly name: string;
      readonly value: string | undefined;
    }
  | {
      readonly node: string;
      readonly state: Partial<Pick<NodeState, 'role' | 'expected' | 'inMembership' | 'online'>>;
    };

/** On its way from the writer, with what it made of the writer's copy: the same for everybody who had the same copy. */
export type Write = { readonly from: number; readonly change: Change; readonly before: Copy; readonly made: Copy };

export type Node = {
  readonly index: number;
  readonly name: string;
  readonly bit: number;
  readonly call: Call;
  power: boolean;
  boot: number;
  frozen: boolean;
  held: (() => void)[];
  slowDisk: boolean;
  slowCheckpointer: boolean;
  /** Corosync and Pacemaker run. */
  stack: boolean;
  /** Whom it sees: bits. */
  members: number;
  view: number;
  waitsForAll: boolean;
  leaving: boolean;
  copy: Copy;
  inbox: Write[];
  lrm: Lrm;
  vip: boolean;
  server: Server;
  files: Files;
  /** Turns until the next action of the agent is killed; 0: it is not. */
  killAgentAfter: number;
  /** Then the node loses its power with it. */
  powerToo: boolean;
  attributesLost: boolean;
  /** pg_ctl promote of this node ends without one. */
  promotionFails: boolean;
  /** At its next boot a unit starts the server before the cluster does. */
  startsServer: boolean;
  attributesLate: boolean;
  clockSkew: number;
  /** The controller's, while this node is the DC. */
  transition: boolean;
  evaluating: boolean;
  fencing: number;
};

export type Counts = {
  events: number;
  turns: number;
  promotions: number;
  acknowledged: number;
  uncertain: number;
  failed: number;
  /** Acknowledged commits that a later primary lacks: never in sync mode. */
  lost: number;
  /** Commits that a reader saw, never acknowledged, that a later primary lacks. */
  seenLost: number;
  fencings: number;
  byPerson: number;
};

export type Violation = { readonly rule: string; readonly text: string };

export type World = {
  now: number;
  readonly schedule: Schedule;
  readonly variant: Variant;
  readonly random: Random;
  readonly queue: Queue;
  readonly nodes: readonly Node[];
  /** Bit b of ring[a]: the cluster's packets pass between a and b; of wal[a]: packets of replication from a to b. */
  readonly ring: number[];
  readonly wal: number[];
  /** By record: the timeline it was written in, and what became of its commit. */
  readonly records: WalRecord[];
  /** Acknowledged commits; commits that readers may see from now on; commits that they have seen. */
  acked: number[];
  visible: number[];
  seen: number[];
  /** Of the last primary: its WAL, where its timeline begins; the highest timeline; who acknowledged last. */
  readonly truth: { wal: readonly number[]; begins: number; highest: number; incarnation: number; ackedBy: number };
  fencingFails: 'no' | 'fails' | 'late';
  reforming: boolean;
  views: number;
  /** The controller of this node's partition has something to think about. */
  readonly hooks: { evaluate: (node: Node) => void };
  readonly waitsForPerson: Record<string, number>;
  faultsUntil: number;
  primarySince: number;
  noPrimarySince: number;
  readonly counts: Counts;
  over: boolean;
  violation: Violation | undefined;
  readonly story: string[] | undefined;
};

export function aServer(): Server {
  return {
    up: false,
    status: 'starting',
    run: 0,
    recovery: true,
    wal: [0],
    flushed: 1,
    replayed: 1,
    received: undefined,
    timeline: 1,
    known: 1,
    incarnation: 0,
    byHand: false,
    isolated: false,
    history: [],
    cleanShutdown: true,
    names: '',
    checked: '',
    upstream: undefined,
    senders: [],
    waiting: [],
    flushing: false,
    whenEnded: [],
  };
}

export function aLrm(): Lrm {
  const not = { failed: false, keptOff: false, stuck: false, busy: false, probed: false };
  return { role: 'stopped', bannedUntil: 0, queue: [], watch: 0, ...not };
}

type Frame = { readonly schedule: Schedule; readonly variant: Variant; readonly told: boolean };

export function aWorld({ schedule, variant, told }: Frame, nodes: readonly Node[]): World {
  const all = (1 << nodes.length) - 1;
  return {
    now: 0,
    schedule,
    variant,
    random: seeded(schedule.jitter),
    queue: emptyQueue(),
    nodes,
    ring: nodes.map(() => all),
    wal: nodes.map(() => all),
    records: [{ timeline: 1, position: 0, by: 0, state: 'none', visible: false }],
    acked: [],
    visible: [],
    seen: [],
    truth: { wal: [0], begins: 0, highest: 1, incarnation: 0, ackedBy: 0 },
    fencingFails: 'no',
    reforming: false,
    views: 0,
    hooks: { evaluate: () => undefined },
    waitsForPerson: {},
    faultsUntil: 0,
    primarySince: 0,
    noPrimarySince: 0,
    counts: {
      events: 0,
      turns: 0,
      promotions: 0,
      acknowledged: 0,
      uncertain: 0,
      failed: 0,
      lost: 0,
      seenLost: 0,
      fencings: 0,
      byPerson: 0,
    },
    over: false,
    violation: undefined,
    story: told ? [] : undefined,
  };
}

/** A random time between, in ms. */
export function span(world: World, low: number, high: number): number {
  return between(world.random, low, high);
}

export function later(world: World, ms: number, run: () => void): void {
  put(world.queue, world.now + ms, run);
}

/** Happens on a node: not if it lost its power meanwhile, and when it thaws if it is frozen. */
export function onNode(world: World, node: Node, { ms, run }: { ms: number; run: () => void }): void {
  const { boot } = node;
  const now = (): void => {
    if (node.boot !== boot || !node.power) return;
    if (node.frozen) node.held.push(now);
    else run();
  };
  later(world, ms, now);
}

/** The same for its server. */
export function onServer(world: World, node: Node, { ms, run }: { ms: number; run: () => void }): void {
  const { server } = node;
  const { run: which } = server;
  onNode(world, node, {
    ms,
    run: () => {
      if (server.run === which) run();
    },
  });
}

export function nodeAt(world: World, index: number): Node {
  const node = world.nodes[index];
  if (node === undefined) throw new Error(`no node ${index}`);
  return node;
}

/** Runs, and is not frozen. */
export function isLive(node: Node): boolean {
  return node.power && !node.frozen;
}

export function tell(world: World, who: string, text: string): void {
  world.story?.push(`${(world.now / 1000).toFixed(2).padStart(7)}  ${who.padEnd(6)} ${text}`);
}

export function broken(world: World, rule: string, text: string): void {
  if (world.violation !== undefined) return;
  world.violation = { rule, text };
  tell(world, '!!!', `${rule}: ${text}`);
}
