// What a client's run of inserts amounts to.
import type { ListsReport } from '../lists/judge.ts';
import { gapsBetween, inSeconds, longestGap, type Gap } from '../../verify/measure/gaps.ts';

export type Report = Readonly<{
  acknowledged: number;
  missing: number;
  missingNumbers: readonly number[];
  unknown: number;
  gaps: readonly Gap[];
  longestGap: number;
  seconds: number;
  /** If it kept lists beside its inserts. */
  lists?: ListsReport;
}>;

/** `acknowledgedAt`: for each acknowledged number, when; in milliseconds of the run. */
export type Run = Readonly<{
  acknowledgedAt: ReadonlyMap<number, number>;
  unknown: number;
  present: ReadonlySet<number>;
  endMs: number;
}>;

export function reportOf(run: Run): Report {
  const missing = [...run.acknowledgedAt.keys()].filter((n) => !run.present.has(n));
  const times = [...run.acknowledgedAt.values()];
  return {
    acknowledged: run.acknowledgedAt.size,
    missing: missing.length,
    missingNumbers: missing.slice(0, 20),
    unknown: run.unknown,
    gaps: gapsBetween(times, run.endMs),
    longestGap: longestGap(times, run.endMs),
    seconds: inSeconds(run.endMs),
  };
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
