// When a site looks again, and which looks count.
import type { Facts, Step } from './facts.ts';
import { leaseMsOf } from './votes.ts';

/** What the last look has found, and what followed from it. */
export type Looked = { readonly facts: Facts; readonly steps: readonly Step[] };

type Failover = { readonly interval: number; readonly failures: number };

/** By the monotonic clock: when the last look began, and the last one whose failure was counted. */
export type Looks = { readonly beganMs: number; readonly countedMs: number };

/** Failures are counted once in an interval, however often somebody looks. */
export function isCounted({ interval }: Failover, { beganMs, countedMs }: Looks): boolean {
  return beganMs - countedMs >= interval * 900;
}

/**
 * When the next look begins. Who may be the holder of a loan asks often enough to lose one answer: all but a standby; who has just
 * become the primary; and who could not look, and does not know. A standby looks as often as it is told to.
 */
export function nextLookMs(failover: Failover, last: Looked | undefined, looks: Looks & { guarded: boolean }): number {
  const interval = failover.interval * 1000;
  const mayHold = last?.facts.server !== 'standby' || last.steps.some((step) => step.do === 'hold');
  if (looks.guarded && mayHold) return looks.beganMs + Math.min(interval, leaseMsOf(failover) / 6);
  return (last === undefined ? looks.beganMs : looks.countedMs) + interval;
}
