// What a client's run of inserts amounts to.

/** A time without an acknowledged insert: where it began and how long it was, in seconds of the run. */
export type Gap = Readonly<{ at: number; seconds: number }>;

export type Report = Readonly<{
  acknowledged: number;
  missing: number;
  missingNumbers: readonly number[];
  unknown: number;
  gaps: readonly Gap[];
  longestGap: number;
  seconds: number;
}>;

/** `acknowledgedAt`: for each acknowledged number, when; in milliseconds of the run. */
export type Run = Readonly<{
  acknowledgedAt: ReadonlyMap<number, number>;
  unknown: number;
  present: ReadonlySet<number>;
  endMs: number;
}>;

const notableMs = 300;

/** The gaps between acknowledgements; one that lasts to the end of the run counts, the time before the first does not. */
export function gapsBetween(times: readonly number[], endMs: number): readonly Gap[] {
  const ends = [...times.slice(1), endMs];
  return times.flatMap((at, i) => {
    const length = (ends[i] ?? at) - at;
    return length > notableMs ? [{ at: inSeconds(at), seconds: inSeconds(length) }] : [];
  });
}

export function reportOf(run: Run): Report {
  const missing = [...run.acknowledgedAt.keys()].filter((n) => !run.present.has(n));
  const times = [...run.acknowledgedAt.values()];
  return {
    acknowledged: run.acknowledgedAt.size,
    missing: missing.length,
    missingNumbers: missing.slice(0, 20),
    unknown: run.unknown,
    gaps: gapsBetween(times, run.endMs),
    longestGap: longest([...times, run.endMs]),
    seconds: inSeconds(run.endMs),
  };
}

function longest(times: readonly number[]): number {
  return inSeconds(times.slice(1).reduce((most, time, i) => Math.max(most, time - (times[i] ?? time)), 0));
}

function inSeconds(ms: number): number {
  return Math.round(ms) / 1000;
}

export function reportText(report: Report): string {
  const lines = report.gaps.map(
    (gap) => `  ${gap.seconds.toFixed(1)} s without an insert, ${gap.at.toFixed(1)} s after the start`,
  );
  const numbers = report.missing > 0 ? ` (${report.missingNumbers.join(', ')}${report.missing > 20 ? ', …' : ''})` : '';
  return [
    `${report.seconds.toFixed(1)} s: ${report.acknowledged} inserts acknowledged, ${report.missing} of them missing${numbers}, ${report.unknown} unknown`,
    `longest gap ${report.longestGap.toFixed(1)} s; gaps over 0.3 s: ${report.gaps.length || 'none'}`,
    ...lines,
  ].join('\n');
}
