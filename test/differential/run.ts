// The differential test: the agent of resource-agents and ours, through the same scenarios, on real servers.
//   scripts/with-node test/differential/run.ts [--core] [--scenario TEXT] [--seed N] [--jobs N] [--keep]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { everywhere } from './deviations.ts';
import { disagreements } from './documented.ts';
import { play, type Result } from './play.ts';
import { install, ourAgent, upstreamAgent } from './programs.ts';
import { enclosed, makeRig } from './rig.ts';
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
  },
});

function chosen(): Scenario[] {
  return allScenarios().filter((s) => {
    if (options.seed !== undefined) return s.name === `sequence ${options.seed}`;
    if (options.scenario !== undefined) return s.name.includes(options.scenario);
    return !options.core || s.core === true;
  });
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

function print({ scenario, problems, ms, writes }: Result): void {
  const times = `upstream ${seconds(ms.upstream)}, ours ${seconds(ms.ours)}`;
  console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${scenario.name}  (${times}; writes ${writes})`);
  for (const problem of problems) console.log(problem);
}

const stopped = (scenario: Scenario, error: unknown): Result => ({
  scenario,
  problems: [`    ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`],
  ms: { upstream: 0, ours: 0 },
  writes: '',
});

/** Plays scenarios, some at a time; those that failed. */
async function playAll(rig: Rig, scenarios: readonly Scenario[], jobs: number): Promise<Scenario[]> {
  const waiting = [...scenarios];
  const failed: Scenario[] = [];
  const worker = async () => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
      const current = scenario;
      const result = await play(rig, current, everywhere).catch((error: unknown) => stopped(current, error));
      print(result);
      if (result.problems.length > 0) failed.push(current);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return failed;
}

async function main(): Promise<void> {
  ourAgent();
  const root = mkdtempSync(join(tmpdir(), 'cfd-'));
  try {
    const rig = makeRig(root);
    const first = await playAll(rig, chosen(), Number(options.jobs));
    // On a busy machine a server can be late for what a scenario expects of it: what failed is played again, alone.
    const again = first.length === 0 ? [] : await playAll(rig, first, 1);
    const page = disagreements(allScenarios());
    console.log(
      `${page.length === 0 ? 'ok    ' : 'FAILED'} docs/deviations.md and the scenarios name the same deviations`,
    );
    for (const problem of page) console.log(problem);
    const failed = again.length + (page.length === 0 ? 0 : 1);
    console.log(`Tests: ${chosen().length + 1 - failed} passed, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  } finally {
    if (options.keep) console.log(`kept: ${root}`);
    else rmSync(root, { recursive: true, force: true });
  }
}

await enclosed(() => install({ postgresql: '/usr/lib/postgresql', 'resource-agents': upstreamAgent }), main);
