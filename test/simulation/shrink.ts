// A schedule that breaks a rule, made smaller as long as it breaks the same one. What is left is read by people.
import type { Variant } from './rules.ts';
import type { Fault, Schedule } from './schedule.ts';
import { simulate, type Result } from './simulate.ts';

/** A fault less changes everything that chance decides after it: other chances are tried as well. */
const jitters = 40;

export function shrink(found: Result, variant: Variant): Result {
  let best = found;
  for (;;) {
    const next = firstOf(smaller(best.schedule), (schedule) => broken(schedule, best, variant));
    if (next === undefined) return simulate(best.schedule, { variant, told: true });
    best = next;
  }
}

function firstOf(candidates: Iterable<Schedule>, test: (schedule: Schedule) => Result | undefined): Result | undefined {
  for (const candidate of candidates) {
    const result = test(candidate);
    if (result !== undefined) return result;
  }
  return undefined;
}

function broken(schedule: Schedule, like: Result, variant: Variant): Result | undefined {
  for (let n = 0; n < jitters; n++) {
    const result = simulate({ ...schedule, jitter: (schedule.jitter + n * 7919) % 0x80000000 }, { variant });
    if (result.violation?.rule === like.violation?.rule) return result;
  }
  return undefined;
}

/** One fault less, one node less. */
function* smaller(schedule: Schedule): Generator<Schedule> {
  const { faults, nodes, mode } = schedule;
  for (let n = 0; n < faults.length; n++) yield { ...schedule, faults: faults.filter((_, other) => other !== n) };
  const fewest = mode === 'quorum' ? 3 : 2;
  if (nodes > fewest) yield { ...schedule, nodes: nodes - 1, faults: faults.map((fault) => within(fault, nodes - 1)) };
}

function within(fault: Fault, nodes: number): Fault {
  return 'node' in fault && typeof fault.node === 'number'
    ? { ...fault, node: Math.min(fault.node, nodes - 1) }
    : fault;
}
