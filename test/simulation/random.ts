// Chance that can be repeated: the same seed gives the same numbers on every machine.

export type Random = { state: number };

export function seeded(seed: number): Random {
  return { state: (seed ^ 0x9e3779b9) >>> 0 };
}

/** From 0 to 1, without 1 (mulberry32). */
function next(random: Random): number {
  random.state = (random.state + 0x6d2b79f5) >>> 0;
  let t = random.state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

/** A whole number, both ends included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(next(random) * (high - low + 1));
}

export function chance(random: Random, probability: number): boolean {
  return next(random) < probability;
}

export function pick<T>(random: Random, list: readonly T[]): T {
  const chosen = list[Math.floor(next(random) * list.length)];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
}
