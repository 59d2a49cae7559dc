// Plays the endings on a testbed:  scripts/with-node test/endings/run.ts [--core] [--ending TEXT]... [--name NAME] [--keep]
import { parseArgs } from 'node:util';
import { onTestbed } from '../scenarios/on-testbed.ts';
import { endings } from './endings.ts';
import { conclude, playEndings } from './play.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    ending: { type: 'string', multiple: true, default: [''] },
    name: { type: 'string', default: 'test' },
    keep: { type: 'boolean', default: false },
  },
});

const isChosen = (name: string): boolean => values.ending.some((text) => name.includes(text));
const chosen = endings.filter(({ core, name }) => (core || !values.core) && isChosen(name));

await onTestbed({ ...values, kind: { parameters: { rejoin: 'rewind,clone' } }, say }, async (stage) =>
  conclude(stage, await playEndings(stage, chosen)),
);
