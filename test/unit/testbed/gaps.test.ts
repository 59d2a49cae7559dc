import { expect, test } from '@jest/globals';
import { gapsBetween } from '../../../verify/measure/gaps.ts';
import { reportOf, reportText } from '../../testbed/gaps.ts';

test('a gap is longer than 0.3 s', () => {
  expect(gapsBetween([0, 300, 601], 620)).toEqual([{ at: 0.3, seconds: 0.301 }]);
});

test('silence at the end of the run is a gap', () => {
  expect(gapsBetween([0, 20], 5020)).toEqual([{ at: 0.02, seconds: 5 }]);
});

test('a run without acknowledgements has no gaps', () => {
  expect(gapsBetween([], 5000)).toEqual([]);
});

const run = {
  acknowledgedAt: new Map([
    [1, 20],
    [2, 40],
    [4, 2040],
  ]),
  unknown: 1,
  endMs: 2060,
};

test('acknowledged numbers that are not in the table are missing; unknown ones are not', () => {
  const report = reportOf({ ...run, present: new Set([1, 4]) });
  expect(report).toEqual({
    acknowledged: 3,
    missing: 1,
    missingNumbers: [2],
    unknown: 1,
    gaps: [{ at: 0.04, seconds: 2 }],
    longestGap: 2,
    seconds: 2.06,
  });
});

test('at most 20 missing numbers are named', () => {
  const acknowledgedAt = new Map(Array.from({ length: 30 }, (_, i) => [i + 1, i * 20]));
  const report = reportOf({ acknowledgedAt, unknown: 0, present: new Set(), endMs: 600 });
  expect([report.missing, report.missingNumbers.length]).toEqual([30, 20]);
});

test('the report in words', () => {
  expect(reportText(reportOf({ ...run, present: new Set([1, 4]) }))).toBe(
    [
      '2.1 s: 3 inserts acknowledged, 1 of them missing (2), 1 unknown',
      'longest gap 2.0 s; gaps over 0.3 s: 1',
      '  2.0 s without an insert, 0.0 s after the start',
    ].join('\n'),
  );
});
