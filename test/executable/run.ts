// The built executable on real servers: killed at every step and called again; stopped with whatever configuration; what it
// says of a server that dies; where secrets are not.   scripts/with-node test/executable/run.ts [--case TEXT] [--jobs N]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install, ourAgent, upstreamAgent } from '../differential/programs.ts';
import { enclosed, makeRig } from '../differential/rig.ts';
import { cases } from './cases.ts';
import type { Test } from './test.ts';
import { brokenStops, deadServer, secrets } from './properties.ts';
import { interruptedAnywhere } from './interrupted.ts';

const { values: options } = parseArgs({
  options: { case: { type: 'string', default: '' }, jobs: { type: 'string', default: '3' } },
});

async function main(): Promise<void> {
  ourAgent();
  const root = mkdtempSync(join(tmpdir(), 'cfe-'));
  const tests: Test[] = [...cases.map(interruptedAnywhere), ...brokenStops, deadServer, secrets];
  const waiting = tests.filter((test) => test.name.includes(options.case));
  const count = { passed: 0, failed: 0 };
  const rig = makeRig(root);
  const worker = async () => {
    for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
      const problems = await test.run(rig).catch((error: unknown) => [String(error)]);
      console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${test.name}`);
      for (const problem of problems) console.log(problem.replaceAll(/^/gm, '    '));
      count[problems.length === 0 ? 'passed' : 'failed'] += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
    console.log(`Tests: ${count.passed} passed, ${count.failed} failed`);
    if (count.failed > 0 || count.passed === 0) process.exitCode = 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

await enclosed(() => install({ postgresql: '/usr/lib/postgresql', 'resource-agents': upstreamAgent }), main);
