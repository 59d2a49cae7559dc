// A schedule: how large the region is, and which faults come when. Everything else follows from its jitter.
import { between, chance, pick, seeded, type Random } from './random.ts';

export type Mode = 'sync' | 'async' | 'quorum';

/** A node by its number, or by what it is when the fault comes. */
export type Target = number | 'the primary' | 'a standby';

export type Fault = { readonly at: number } & (
  | { readonly kind: 'postmaster killed' | 'backend killed'; readonly node: Target }
  | {
      readonly kind: 'power lost' | 'frozen';
      readonly node: Target;
      readonly ms: number;
    }
  | {
      readonly kind: 'slow disk' | 'slow checkpointer' | 'attributes lost' | 'attributes late';
      readonly node: Target;
      readonly ms: number;
    }
  | { readonly kind: 'clean shutdown'; readonly node: Target; readonly ms: number }
  | {
      readonly kind: 'cut off' | 'cluster network cut';
      readonly node: Target;
      readonly with: number;
      readonly ms: number;
    }
  | {
      readonly kind: 'replication cut';
      readonly node: Target;
      readonly how: 'both ways' | 'in' | 'out';
      readonly ms: number;
    }
  | { readonly kind: 'fencing fails' | 'fencing late'; readonly ms: number }
  | { readonly kind: 'agent killed' | 'power lost at a step'; readonly node: Target; readonly turns: number }
  | { readonly kind: 'full outage'; readonly ms: readonly number[] }
  | { readonly kind: 'moved by a person'; readonly node: Target; readonly ms: number }
  | { readonly kind: 'clock jumps'; readonly node: Target; readonly by: number }
  | { readonly kind: 'promoted by hand'; readonly node: Target }
  | { readonly kind: 'power lost, started by a unit'; readonly node: Target; readonly ms: number }
  | { readonly kind: 'promotion fails'; readonly node: Target; readonly ms: number }
);

export type FaultKind = Fault['kind'];

export type Schedule = {
  readonly seed: number;
  readonly jitter: number;
  readonly mode: Mode;
  readonly nodes: number;
  readonly faults: readonly Fault[];
};

export type Wanted = { readonly nodes?: number | undefined; readonly mode?: Mode | undefined };

const kinds: readonly (readonly [FaultKind, number])[] = [
  ['power lost', 14],
  ['cut off', 14],
  ['cluster network cut', 8],
  ['replication cut', 10],
  ['postmaster killed', 7],
  ['backend killed', 5],
  ['frozen', 7],
  ['slow disk', 5],
  ['slow checkpointer', 6],
  ['attributes lost', 5],
  ['attributes late', 5],
  ['agent killed', 8],
  ['power lost at a step', 7],
  ['fencing fails', 4],
  ['fencing late', 3],
  ['clean shutdown', 5],
  ['moved by a person', 3],
  ['full outage', 4],
  ['clock jumps', 1],
  ['promoted by hand', 6],
  ['power lost, started by a unit', 6],
  ['promotion fails', 5],
];
const weight = kinds.reduce((sum, [, share]) => sum + share, 0);

function aKind(random: Random): FaultKind {
  let left = between(random, 0, weight - 1);
  for (const [kind, share] of kinds) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'power lost';
}

function aTarget(random: Random, nodes: number): Target {
  return pick<Target>(random, ['the primary', 'the primary', 'a standby', between(random, 0, nodes - 1)]);
}

/** Short ones are over before anybody notices, long ones are not. */
function duration(random: Random): number {
  return pick(random, [between(random, 200, 3000), between(random, 2000, 12_000), between(random, 8000, 45_000)]);
}

function aFault(random: Random, nodes: number, at: number): Fault {
  const node = aTarget(random, nodes);
  const ms = duration(random);
  const kind = aKind(random);
  switch (kind) {
    case 'postmaster killed':
    case 'backend killed':
    case 'promoted by hand':
      return { at, kind, node };
    case 'cut off':
    case 'cluster network cut':
      return { at, kind, node, with: between(random, 0, (1 << nodes) - 1), ms };
    case 'replication cut':
      return { at, kind, node, how: pick(random, ['both ways', 'both ways', 'in', 'out']), ms };
    case 'fencing fails':
    case 'fencing late':
      return { at, kind, ms };
    case 'agent killed':
    case 'power lost at a step':
      return { at, kind, node, turns: between(random, 1, 12) };
    case 'full outage':
      return { at, kind, ms: Array.from({ length: nodes }, () => between(random, 1000, 25_000)) };
    case 'clock jumps':
      return { at, kind, node, by: between(random, -3_600_000, 3_600_000) };
    default:
      return { at, kind, node, ms };
  }
}

const modes: readonly Mode[] = ['sync', 'sync', 'quorum', 'async'];

/** When the region has come up, in ms. */
const calmMs = 14_000;

export function scheduleOf(seed: number, wanted: Wanted = {}): Schedule {
  const random = seeded(seed);
  const drawn = {
    mode: pick(random, modes),
    nodes: pick(random, [2, 2, 2, 3, 3, 3, 4, 5]),
    jitter: between(random, 0, 0x7fffffff),
  };
  const mode = wanted.mode ?? drawn.mode;
  const nodes = Math.max(mode === 'quorum' && wanted.nodes === undefined ? 3 : 2, wanted.nodes ?? drawn.nodes);
  const count = between(random, 1, 5);
  const faults: Fault[] = [];
  let at = calmMs;
  for (let n = 0; n < count; n++) {
    at += chance(random, 0.5) ? between(random, 50, 4000) : between(random, 3000, 25_000);
    faults.push(aFault(random, nodes, at));
  }
  return { seed, jitter: drawn.jitter, mode, nodes, faults };
}

function whom(target: Target): string {
  return typeof target === 'number' ? `db${target + 1}` : target;
}

/** A fault in words. */
export function inWords(fault: Fault): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const node = 'node' in fault ? `, ${whom(fault.node)}` : '';
  switch (fault.kind) {
    case 'full outage':
      return `full outage; power is back after ${fault.ms.map(seconds).join(', ')}`;
    case 'agent killed':
    case 'power lost at a step':
      return `${fault.kind}${node}, after ${fault.turns} turns of its agent`;
    case 'clock jumps':
      return `${fault.kind}${node}, by ${seconds(fault.by)}`;
    case 'replication cut':
      return `${fault.kind}${node}, ${fault.how}, for ${seconds(fault.ms)}`;
    default:
      return `${fault.kind}${node}${'ms' in fault ? `, for ${seconds(fault.ms)}` : ''}`;
  }
}
