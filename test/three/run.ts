// Plays the drills of three nodes:  scripts/with-node test/three/run.ts [--mode async|quorum] [--drill TEXT] [--name NAME] [--keep]
import { parseArgs } from 'node:util';
import type { Row } from '../endings/ending.ts';
import { conclude, playEndings } from '../endings/play.ts';
import { onTestbed } from '../scenarios/on-testbed.ts';
import type { Mode } from '../scenarios/region-file.ts';
import { begin, stageOn, type Stage } from '../scenarios/stage.ts';
import { drillsOf } from './drills.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    mode: { type: 'string', multiple: true, default: ['async', 'quorum'] },
    drill: { type: 'string', default: '' },
    name: { type: 'string', default: 'three' },
    keep: { type: 'boolean', default: false },
  },
});

/** Of a primary that vanishes, asynchronous replication may lose what it acknowledged in its last moment. */
const modes = { async: 2, quorum: 0 } as const satisfies Partial<Record<Mode, number>>;

async function playMode(opened: Stage, mode: keyof typeof modes): Promise<readonly Row[]> {
  const stage = stageOn(opened.testbed, say, { mode });
  await begin(stage, 'bootstrapped');
  const chosen = drillsOf(modes[mode]).filter(({ name }) => name.includes(values.drill));
  return playEndings(
    stage,
    chosen.map((drill) => ({ ...drill, name: `${mode}: ${drill.name}` })),
  );
}

async function main(stage: Stage): Promise<number> {
  const rows: Row[] = [];
  for (const mode of ['async', 'quorum'] as const)
    if (values.mode.includes(mode)) rows.push(...(await playMode(stage, mode)));
  return conclude(stage, rows);
}

await onTestbed({ ...values, kind: { nodes: 3 }, say }, main);
