// Migrates a region built by hand on a testbed:  scripts/with-node test/migration/run.ts [--core] [--chain NAME] [--keep]
import { parseArgs } from 'node:util';
import { sum, type Counts } from '../run/counts.ts';
import { concluded } from '../scenarios/scenario.ts';
import { ensureExecutable, openStage } from '../scenarios/stage.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { beginDrill, drill, kills } from './drill.ts';
import { beginMixed, mixed } from './mixed.ts';
import { playChain, type Chain } from './play.ts';

const chains: readonly Chain[] = [
  { name: 'drill', core: true, begin: beginDrill, steps: drill },
  { name: 'mixed', core: false, begin: beginMixed, steps: mixed },
  { name: 'kills', core: false, begin: beginDrill, steps: kills },
];

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    chain: { type: 'string', default: '' },
    name: { type: 'string', default: 'migration' },
    keep: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  await ensureExecutable(say);
  const stage = await openStage(values.name, say);
  const all: Counts[] = [];
  for (const chain of chains.filter(({ core, name }) => (core || !values.core) && name.includes(values.chain)))
    all.push(await playChain(stage, chain));
  return concluded(sum(all));
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
