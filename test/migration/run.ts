// Migrates a region built by hand on a testbed:  scripts/with-node test/migration/run.ts [--core] [--chain NAME] [--keep]
import { parseArgs } from 'node:util';
import { sum, type Counts } from '../run/counts.ts';
import { onTestbed } from '../scenarios/on-testbed.ts';
import { concluded } from '../scenarios/scenario.ts';
import type { Stage } from '../scenarios/stage.ts';
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

async function main(stage: Stage): Promise<number> {
  const all: Counts[] = [];
  for (const chain of chains.filter(({ core, name }) => (core || !values.core) && name.includes(values.chain)))
    all.push(await playChain(stage, chain));
  return concluded(sum(all));
}

await onTestbed({ ...values, say }, main);
