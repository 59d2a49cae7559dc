// The frame of the parts that play tests on real servers without a testbed: some at a time, counted, nothing left behind.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { makeRig } from '../differential/rig.ts';
import type { Rig } from '../differential/side.ts';

/** Returns what is wrong, each in a line; nothing if all is well. `n`: which of those that were chosen. */
export type Played = {
  readonly name: string;
  readonly run: (rig: Rig, n: number) => Promise<readonly string[]>;
};

/** `prefix`: what the path of the servers' directory begins with. */
export async function playTests(
  tests: readonly Played[],
  { jobs, prefix }: { jobs: number; prefix: string },
): Promise<void> {
  const root = mkdtempSync(prefix);
  chmodSync(root, 0o755);
  const rig = makeRig(root);
  const waiting = [...tests.entries()];
  const count = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [n, test] = next;
      const began = performance.now();
      const problems = await test.run(rig, n).catch((error: unknown) => [String(error)]);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${test.name} (${seconds} s)`);
      for (const problem of problems) console.log(problem.replaceAll(/^/gm, '    '));
      count[problems.length === 0 ? 'passed' : 'failed'] += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, worker));
    console.log(`Tests: ${count.passed} passed, ${count.failed} failed`);
    if (count.failed > 0 || count.passed === 0) process.exitCode = 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
