// How many tests passed and failed, read from what a part left.

export type Counts = Readonly<{ passed: number; failed: number }>;

export const none: Counts = { passed: 0, failed: 0 };

export function sum(all: readonly Counts[]): Counts {
  return all.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), none);
}

/** The line every run ends with. */
export function countsLine({ passed, failed }: Counts): string {
  return `Tests: ${passed} passed, ${failed} failed`;
}

// a part may have tests that cannot hold yet and says so
const pattern = /^Tests: (\d+) passed, (\d+) failed(?:, \d+ skipped)?$/;

export function isCountsLine(line: string): boolean {
  return pattern.test(line);
}

/** The counts of a command that is one test. */
export function countsOfOne(code: number): Counts {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** The counts in jest's `--json` report. */
export function countsOfJest(report: string): Counts | undefined {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(report) as Record<string, unknown>;
  if (typeof numPassedTests !== 'number' || typeof numFailedTests !== 'number') return undefined;
  const broken = typeof numRuntimeErrorTestSuites === 'number' ? numRuntimeErrorTestSuites : 0;
  return { passed: numPassedTests, failed: numFailedTests + broken };
}

/** The counts in the last such line of an output. */
export function countsOfOutput(lines: readonly string[]): Counts | undefined {
  const [, passed, failed] = pattern.exec(lines.findLast(isCountsLine) ?? '') ?? [];
  return passed === undefined ? undefined : { passed: Number(passed), failed: Number(failed) };
}

/** A part whose counts are missing, empty or better than its exit code has failed. */
export function judged(counts: Counts | undefined, code: number): Counts {
  const { passed, failed } = counts ?? none;
  const dubious = failed === 0 && (code !== 0 || passed === 0);
  return { passed, failed: dubious ? 1 : failed };
}
