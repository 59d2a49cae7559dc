// Plays the drills of synchronous mode:  scripts/with-node test/sync/run.ts [--core] [--drill TEXT] [--name NAME] [--keep]
import { parseArgs } from 'node:util';
import { conclude, playEndings } from '../endings/play.ts';
import { onTestbed } from '../scenarios/on-testbed.ts';
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

const chosen = drills.filter(({ core, name }) => (core || !values.core) && name.includes(values.drill));

await onTestbed({ ...values, kind: { mode: 'sync' }, say }, async (stage) =>
  conclude(stage, await playEndings(stage, chosen)),
);
