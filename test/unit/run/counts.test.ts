import { describe, expect, test } from '@jest/globals';
import { countsLine, countsOfJest, countsOfOutput, judged, sum } from '../../run/counts.ts';
import { cleanUp, parts, usesTestbed } from '../../run/parts.ts';

describe('counts', () => {
  test('the last such line of an output counts', () => {
    const lines = ['Tests: 1 passed, 0 failed', 'Tests: 7 passed, 2 failed', 'bye'];
    expect(countsOfOutput(lines)).toEqual({ passed: 7, failed: 2 });
  });

  test('a line with more around it is no counts line', () => {
    expect(countsOfOutput(['all Tests: 7 passed, 2 failed'])).toBeUndefined();
  });

  test('a test file of jest that cannot be loaded is a failed test', () => {
    const report = JSON.stringify({ numPassedTests: 3, numFailedTests: 0, numRuntimeErrorTestSuites: 1 });
    expect(countsOfJest(report)).toEqual({ passed: 3, failed: 1 });
  });

  test('a part without counts, with none, or with a better count than exit code has failed', () => {
    expect(judged(undefined, 0)).toEqual({ passed: 0, failed: 1 });
    expect(judged({ passed: 0, failed: 0 }, 0)).toEqual({ passed: 0, failed: 1 });
    expect(judged({ passed: 5, failed: 0 }, 1)).toEqual({ passed: 5, failed: 1 });
    expect(judged({ passed: 5, failed: 2 }, 1)).toEqual({ passed: 5, failed: 2 });
    expect(judged({ passed: 5, failed: 0 }, 0)).toEqual({ passed: 5, failed: 0 });
  });

  test('the line every run ends with can be read back', () => {
    const counts = sum([
      { passed: 1, failed: 0 },
      { passed: 2, failed: 3 },
    ]);
    expect(countsOfOutput([countsLine(counts)])).toEqual({ passed: 3, failed: 3 });
  });
});

test('every part has a name of its own', () => {
  expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length);
});

test('only a part that leaves the testbed of all parts there has it removed', () => {
  const using = parts.filter(usesTestbed);
  expect(using.map(({ name }) => name)).toEqual(expect.arrayContaining(['bootstrap', 'verify', 'sync']));
  expect(using.map(({ name }) => name)).not.toContain('conformance');
  const testbed = cleanUp.at(-1) ?? '';
  for (const { core, whole } of using) expect([...(core ?? []), ...(whole ?? [])]).toContain(testbed);
});
