// Plays the drills of three nodes:  scripts/with-node test/three/run.ts [--mode async|quorum] [--drill TEXT] [--name NAME] [--keep]
import { parseArgs } from 'node:util';
import { playEnding, tableText, type Row } from '../endings/ending.ts';
import { sum } from '../run/counts.ts';
import { onTestbed } from '../scenarios/on-testbed.ts';
import type { Mode } from '../scenarios/region-file.ts';
import { concluded } from '../scenarios/scenario.ts';
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
  const rows: Row[] = [];
  for (const drill of drillsOf(modes[mode]).filter(({ name }) => name.includes(values.drill))) {
    say(`-- ${mode}: ${drill.name}`);
    const row = await playEnding(stage, { ...drill, name: `${mode}: ${drill.name}` });
    rows.push(row);
    say(`${row.wrong.length === 0 ? 'ok  ' : 'FAIL'} ${tableText([row]).split('\n')[1] ?? ''}`);
  }
  return rows;
}

async function main(stage: Stage): Promise<number> {
  const rows: Row[] = [];
  for (const mode of ['async', 'quorum'] as const)
    if (values.mode.includes(mode)) rows.push(...(await playMode(stage, mode)));
  say(`\n${tableText(rows)}\n`);
  const counted = rows.map(({ wrong }) => ({ passed: wrong.length === 0 ? 1 : 0, failed: wrong.length === 0 ? 0 : 1 }));
  return concluded(sum(counted));
}

await onTestbed({ ...values, kind: { nodes: 3 }, say }, main);
