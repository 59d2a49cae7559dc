// Plays the drills of synchronous mode:  scripts/with-node test/sync/run.ts [--core] [--drill TEXT] [--name NAME] [--keep]
// The same partition with upstream's agent: --upstream. A standby outside the cluster: --external.
import { parseArgs } from 'node:util';
import { conclude, playEndings } from '../endings/play.ts';
import { onTestbed } from '../scenarios/on-testbed.ts';
import type { Kind } from '../scenarios/region-file.ts';
import { drills } from './drills.ts';
import { external, externalName } from './external.ts';
import { playUpstream } from './upstream.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    drill: { type: 'string', default: '' },
    external: { type: 'boolean', default: false },
    upstream: { type: 'boolean', default: false },
    name: { type: 'string', default: 'test' },
    keep: { type: 'boolean', default: false },
  },
});

const all = values.external ? [external] : drills.map((drill) => ({ ...drill, lists: true }));
const chosen = all.filter(({ core, name }) => (core || !values.core) && name.includes(values.drill));
const outside: Kind = values.external ? { parameters: { external_standby_node_list: externalName } } : {};

await onTestbed({ ...values, kind: { mode: 'sync', ...outside }, say }, async (stage) =>
  conclude(stage, values.upstream ? [await playUpstream(stage)] : await playEndings(stage, chosen)),
);
