// Plays the endings on a testbed:  scripts/with-node test/endings/run.ts [--core] [--ending TEXT] [--name NAME] [--keep]
import { parseArgs } from 'node:util';
import { sum } from '../run/counts.ts';
import { onTestbed } from '../scenarios/on-testbed.ts';
import { concluded } from '../scenarios/scenario.ts';
import type { Stage } from '../scenarios/stage.ts';
import { playEnding, tableText, type Row } from './ending.ts';
import { endings } from './endings.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    ending: { type: 'string', default: '' },
    name: { type: 'string', default: 'test' },
    keep: { type: 'boolean', default: false },
  },
});

async function main(stage: Stage): Promise<number> {
  const rows: Row[] = [];
  for (const ending of endings.filter(({ core, name }) => (core || !values.core) && name.includes(values.ending))) {
    say(`-- ${ending.name}`);
    const row = await playEnding(stage, ending);
    rows.push(row);
    say(`${row.wrong.length === 0 ? 'ok  ' : 'FAIL'} ${tableText([row]).split('\n')[1] ?? ''}`);
  }
  say(`\n${tableText(rows)}\n`);
  const counted = rows.map(({ wrong }) => ({ passed: wrong.length === 0 ? 1 : 0, failed: wrong.length === 0 ? 0 : 1 }));
  return concluded(sum(counted));
}

await onTestbed({ ...values, kind: { parameters: { rejoin: 'rewind,clone' } }, say }, main);
