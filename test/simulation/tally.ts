// Many schedules, counted.
import type { Variant } from './rules.ts';
import { scheduleOf, type Wanted } from './schedule.ts';
import { simulate, type Result } from './simulate.ts';

export type Found = {
  readonly seed: number;
  readonly mode: string;
  readonly nodes: number;
  readonly rule: string;
  readonly text: string;
};

export type Tally = {
  schedules: number;
  readonly counts: Record<string, number>;
  readonly faults: Record<string, number>;
  readonly waitsForPerson: Record<string, number>;
  readonly found: Found[];
};

export type Batch = {
  readonly from: number;
  readonly schedules: number;
  readonly variant: Variant;
  readonly wanted: Wanted;
};

export function emptyTally(): Tally {
  return { schedules: 0, counts: {}, faults: {}, waitsForPerson: {}, found: [] };
}

function add(sum: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(more)) sum[key] = (sum[key] ?? 0) + value;
}

function count(tally: Tally, { schedule, violation, counts, waitsForPerson }: Result): void {
  tally.schedules++;
  add(tally.counts, counts);
  add(tally.waitsForPerson, waitsForPerson);
  for (const { kind } of schedule.faults) add(tally.faults, { [kind]: 1 });
  const { seed, mode, nodes } = schedule;
  if (violation !== undefined) tally.found.push({ seed, mode, nodes, ...violation });
}

export function runBatch({ from, schedules, variant, wanted }: Batch): Tally {
  const tally = emptyTally();
  for (let seed = from; seed < from + schedules; seed++) count(tally, simulate(scheduleOf(seed, wanted), { variant }));
  return tally;
}

export function join(sum: Tally, more: Tally): void {
  sum.schedules += more.schedules;
  add(sum.counts, more.counts);
  add(sum.faults, more.faults);
  add(sum.waitsForPerson, more.waitsForPerson);
  sum.found.push(...more.found);
}
