// One test for each sentence of the OCF resource agent API, and of Pacemaker's chapter on agents, that demands something.
//   scripts/with-node test/conformance/run.ts [--sentence TEXT]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { initialise, postgresUser } from '../differential/base.ts';
import { install, ourAgent, postgresPrograms } from '../differential/programs.ts';
import { enclosed } from '../differential/rig.ts';
import { endServers } from '../differential/servers.ts';
import { makeSide, type Rig, type Side } from '../differential/side.ts';
import type { Sentence } from './sentence.ts';
import { sentences } from './sentences.ts';

const { values: options } = parseArgs({ options: { sentence: { type: 'string', default: '' } } });

function logOf(side: Side): string {
  return readFileSync(join(side.root, 'n1/agent.log'), 'utf8').trimEnd().replace(/^/gm, '       | ');
}

/** What is wrong; undefined if the sentence is kept. */
async function check(rig: Rig, { parameters, steps }: Sentence): Promise<string | undefined> {
  const side = await makeSide({
    rig,
    agent: 'ours',
    root: join(rig.root, 'side'),
    nodes: ['n1'],
    parameters: parameters ?? {},
  });
  try {
    for (const step of steps) {
      const exit = await step.run(side);
      if (step.ours !== undefined && exit !== step.ours)
        return `${step.says}: exit code ${String(exit)} instead of ${step.ours}\n${logOf(side)}`;
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await endServers(side);
  }
}

async function main(): Promise<void> {
  ourAgent();
  const root = mkdtempSync(join(tmpdir(), 'cfc-'));
  const count = { passed: 0, failed: 0 };
  try {
    const programs = postgresPrograms();
    const rig = { root, programs, base: initialise(root, programs), functions: '', owner: postgresUser() };
    for (const sentence of sentences.filter((each) => each.says.includes(options.sentence))) {
      const wrong = await check(rig, sentence);
      if (wrong === undefined) count.passed += 1;
      else count.failed += 1;
      console.log(
        `${wrong === undefined ? 'ok    ' : 'FAILED'} ${sentence.says}  [${sentence.source}]${wrong === undefined ? '' : `\n       ${wrong}`}`,
      );
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  console.log(`Tests: ${count.passed} passed, ${count.failed} failed`);
  if (count.failed > 0 || count.passed === 0) process.exitCode = 1;
}

await enclosed(() => install({ postgresql: '/usr/lib/postgresql' }), main);
