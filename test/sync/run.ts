// Plays the drills of synchronous mode:  scripts/with-node test/sync/run.ts [--core] [--drill TEXT] [--name NAME] [--keep]
import { parseArgs } from 'node:util';
import { playEnding, tableText, type Row } from '../endings/ending.ts';
import { sum } from '../run/counts.ts';
import { onTestbed } from '../scenarios/on-testbed.ts';
import { concluded } from '../scenarios/scenario.ts';
import type { Stage } from '../scenarios/stage.ts';
import { drills } from './drills.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    drill: { type: 'string', default: '' },
    name: { type: 'string', default: 'test' },
    keep: { type: 'boolean', default: false },
  },
});

async function main(stage: Stage): Promise<number> {
  const rows: Row[] = [];
  for (const drill of drills.filter(({ core, name }) => (core || !values.core) && name.includes(values.drill))) {
    say(`-- ${drill.name}`);
    const row = await playEnding(stage, drill);
    rows.push(row);
    say(`${row.wrong.length === 0 ? 'ok  ' : 'FAIL'} ${tableText([row]).split('\n')[1] ?? ''}`);
  }
  say(`\n${tableText(rows)}\n`);
  const counted = rows.map(({ wrong }) => ({ passed: wrong.length === 0 ? 1 : 0, failed: wrong.length === 0 ? 0 : 1 }));
  return concluded(sum(counted));
}

await onTestbed({ ...values, kind: { mode: 'sync' }, say }, main);
