// Plays the scenarios of a part on a testbed:  scripts/with-node test/scenarios/run.ts PART [--core] [--scenario TEXT] [--suite trixie] …
import { parseArgs } from 'node:util';
import { bootstrapScenarios } from './bootstrap.ts';
import { onTestbed } from './on-testbed.ts';
import { regionScenarios } from './region.ts';
import { concluded, playAll, type Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const listed: Readonly<Record<string, readonly Scenario[]>> = {
  region: regionScenarios,
  bootstrap: bootstrapScenarios,
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    core: { type: 'boolean', default: false },
    scenario: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    name: { type: 'string', default: 'test' },
    suite: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

function part(): readonly Scenario[] {
  const scenarios = listed[positionals[0] ?? ''];
  if (scenarios === undefined) throw new Error(`name a part: ${Object.keys(listed).join(', ')}`);
  return scenarios;
}

async function main(stage: Stage): Promise<number> {
  const chosen = part().filter(({ core, name }) => (core || !values.core) && name.includes(values.scenario));
  const seed = Number(values.seed);
  say(`seed ${seed} (again: --seed ${seed})`);
  return concluded(await playAll(stage, chosen, { whole: !values.core, seed }));
}

part(); // a wrong name is said before anything boots
await onTestbed({ ...values, say, kind: { suite: values.suite } }, main);
