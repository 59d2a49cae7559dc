// The WAL archive with real servers and the built executable:  scripts/with-node test/wal/run.ts [--core] [--case TEXT] [--jobs N]
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { install } from '../differential/programs.ts';
import { enclosed, makeRig } from '../differential/rig.ts';
import type { Rig } from '../differential/side.ts';
import { startUp } from './start-up.ts';
import { cfha, endSite, makeSite } from './site.ts';
import { tests, type WalTest } from './tests.ts';

const { values: options } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    case: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
  },
});

async function problemsOf(rig: Rig, test: WalTest, folder: string): Promise<readonly string[]> {
  const site = makeSite(rig, folder);
  try {
    return await test.run(site);
  } catch (error) {
    return [String(error)];
  } finally {
    await endSite(site);
  }
}

async function main(): Promise<void> {
  cfha();
  const root = mkdtempSync('/var/tmp/cfw-');
  chmodSync(root, 0o755);
  const rig = makeRig(root);
  const chosen = [...tests, startUp].filter((one) => one.name.includes(options.case) && (one.core || !options.core));
  const waiting = chosen.map((test, n) => ({ test, n }));
  const count = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const began = performance.now();
      const problems = await problemsOf(rig, next.test, `t${next.n}`);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${next.test.name} (${seconds} s)`);
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

await enclosed(() => install({ postgresql: '/usr/lib/postgresql' }), main);
