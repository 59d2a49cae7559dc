// The differential test: the agent of resource-agents and ours, through the same scenarios, on real servers.
//   scripts/with-node test/differential/run.ts [--core] [--scenario TEXT] [--seed N] [--jobs N] [--keep] [--show]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { initialise, postgresUser } from './base.ts';
import { everywhere } from './deviations.ts';
import { play, type Result } from './play.ts';
import { correctedFunctions, install, ourAgent, postgresPrograms, upstreamAgent } from './programs.ts';
import type { Scenario } from './scenario.ts';
import { allScenarios } from './scenarios/all.ts';
import type { Rig } from './side.ts';

const { values: options } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    scenario: { type: 'string' },
    seed: { type: 'string' },
    jobs: { type: 'string', default: '3' },
    keep: { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
  },
});

function chosen(): Scenario[] {
  return allScenarios().filter((s) => {
    if (options.seed !== undefined) return s.name === `sequence ${options.seed}`;
    if (options.scenario !== undefined) return s.name.includes(options.scenario);
    return !options.core || s.core === true;
  });
}

function makeRig(root: string): Rig {
  const programs = postgresPrograms();
  return {
    root,
    programs,
    base: initialise(root, programs),
    functions: correctedFunctions(root),
    owner: postgresUser(),
  };
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

function print({ scenario, problems, ms, writes }: Result): void {
  const times = `upstream ${seconds(ms.upstream)}, ours ${seconds(ms.ours)}`;
  console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${scenario.name}  (${times}; writes ${writes})`);
  for (const problem of problems) console.log(problem);
}

async function playAll(rig: Rig, scenarios: readonly Scenario[]): Promise<{ passed: number; failed: number }> {
  const waiting = [...scenarios];
  const count = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const scenario = next;
      const result = await play(rig, scenario, everywhere).catch((error: unknown): Result => ({
        scenario,
        problems: [`    ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`],
        ms: { upstream: 0, ours: 0 },
        writes: '',
      }));
      print(result);
      if (result.problems.length === 0) count.passed += 1;
      else count.failed += 1;
    }
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
  return count;
}

install({ postgresql: '/usr/lib/postgresql', 'resource-agents': upstreamAgent });
ourAgent();
const root = mkdtempSync(join(tmpdir(), 'cfd-'));
try {
  const { passed, failed } = await playAll(makeRig(root), chosen());
  console.log(`Tests: ${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
} finally {
  if (options.keep) console.log(`kept: ${root}`);
  else rmSync(root, { recursive: true, force: true });
}
