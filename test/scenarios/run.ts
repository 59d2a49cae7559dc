// Plays the scenarios of a part on a testbed:  scripts/with-node test/scenarios/run.ts PART [--core] [--scenario TEXT] …
import { parseArgs } from 'node:util';
import { openTestbed } from '../testbed/testbed.ts';
import { bootstrapScenarios } from './bootstrap.ts';
import { regionScenarios } from './region.ts';
import { concluded, playAll, type Scenario } from './scenario.ts';
import { ensureExecutable, openStage } from './stage.ts';

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
    keep: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const scenarios = listed[positionals[0] ?? ''];
  if (scenarios === undefined) throw new Error(`name a part: ${Object.keys(listed).join(', ')}`);
  const chosen = scenarios.filter(({ core, name }) => (core || !values.core) && name.includes(values.scenario));
  const seed = Number(values.seed);
  say(`seed ${seed} (again: --seed ${seed})`);
  await ensureExecutable(say);
  const stage = await openStage(values.name, say);
  return concluded(await playAll(stage, chosen, { whole: !values.core, seed }));
}

const testbed = openTestbed(values.name);
const wipe = async (): Promise<void> => {
  if (!values.keep) await testbed.down({ wipe: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void wipe().finally(() => process.exit(130)));
}
try {
  process.exitCode = await main();
} finally {
  await wipe();
}
