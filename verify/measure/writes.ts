// What a drill's client knows of its writes, and what that amounts to. Pure.
import { gapsBetween, longestGap, type Gap } from './gaps.ts';

/** What the server said about a write. `failed`: it said no; `uncertain`: the connection was lost before it said anything. */
export type Outcome = 'acknowledged' | 'failed' | 'uncertain';

export type Write = {
  readonly n: number;
  /** Since the epoch, on this machine's clock. */
  readonly atMs: number;
  readonly outcome: Outcome;
};

export type Written = {
  readonly writes: readonly Write[];
  /** How often each number is in the table; undefined: it could not be read. */
  readonly present: ReadonlyMap<number, number> | undefined;
  readonly beganMs: number;
  readonly endedMs: number;
};

export type Measure = {
  readonly seconds: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly uncertain: number;
  /** Uncertain ones that are in the table. */
  readonly uncertainKept: number;
  /** Acknowledged, and not in the table; undefined: it could not be read back. */
  readonly lost: number | undefined;
  readonly lostNumbers: readonly number[];
  readonly duplicated: number;
  readonly gaps: readonly Gap[];
  readonly longestGap: number;
};

export function measureOf({ writes, present, beganMs, endedMs }: Written): Measure {
  const of = (outcome: Outcome) => writes.filter((write) => write.outcome === outcome);
  const acknowledged = of('acknowledged');
  const missing = present && acknowledged.filter(({ n }) => !present.has(n)).map(({ n }) => n);
  const times = acknowledged.map(({ atMs }) => atMs - beganMs);
  return {
    seconds: Math.round(endedMs - beganMs) / 1000,
    acknowledged: acknowledged.length,
    failed: of('failed').length,
    uncertain: of('uncertain').length,
    uncertainKept: of('uncertain').filter(({ n }) => present?.has(n) === true).length,
    lost: missing?.length,
    lostNumbers: missing?.slice(0, 20) ?? [],
    duplicated: [...(present ?? [])].filter(([, times_]) => times_ > 1).length,
    gaps: gapsBetween(times, endedMs - beganMs),
    longestGap: longestGap(times, endedMs - beganMs),
  };
}

const saysNo = /^(?!08|57P|58|XX)[0-9A-Z]{5}$/;

/**
 * An SQLSTATE that is an answer to the statement: it was rolled back. Not what a server says when it goes away (57P01: a commit
 * that waits for a standby is then on the disk already), and no errno of the connection.
 */
export function outcomeOf(code: unknown): Outcome {
  return typeof code === 'string' && saysNo.test(code) && !/^E[A-Z]+$/.test(code) ? 'failed' : 'uncertain';
}

/** How many writes were acknowledged in each second of the run. */
export function perSecondOf({ writes, beganMs, endedMs }: Written): readonly number[] {
  const counts = new Map<number, number>();
  for (const { atMs, outcome } of writes) {
    const second = Math.floor((atMs - beganMs) / 1000);
    if (outcome === 'acknowledged') counts.set(second, (counts.get(second) ?? 0) + 1);
  }
  return Array.from({ length: Math.ceil((endedMs - beganMs) / 1000) }, (_, second) => counts.get(second) ?? 0);
}
