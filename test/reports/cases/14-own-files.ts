// Files in the data directory that differ per node, over a rewind and a copy.
import { chownSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  act,
  configure,
  fault,
  file,
  folder,
  join_,
  leave,
  monitor,
  vip,
  work,
  type Step,
} from '../../differential/scenario.ts';
import { dataFolder } from '../../differential/side.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import type { Cluster } from '../servers.ts';

/** What each node has of its own. */
const own = (node: string): readonly Step[] => [
  configure(node, 'full_page_writes = on'),
  configure(node, `cluster_name = '${node}'`),
  configure(node, "include_dir 'conf.d'"),
  folder(node, 'data/conf.d'),
  file(node, 'data/conf.d/own.conf', `application_name = 'own-${node}'\n`),
  file(node, `data/conf.d/only-${node}.conf`, `event_source = 'only-${node}'\n`),
  file(node, 'data/server.key', `the key of ${node}\n`),
  file(node, 'data/pg_ident.conf', `# of ${node}\n`),
];

/** n1 has WAL that n2, the primary, never got. */
const diverged: readonly Step[] = [
  ...own('n1'),
  ...own('n2'),
  ...[act('start', 'n1'), act('promote', 'n1'), vip('n1'), act('start', 'n2')],
];
const parted: readonly Step[] = [
  ...[act('stop', 'n2'), work('n1'), leave('n1'), vip(undefined)],
  ...[act('start', 'n2'), act('promote', 'n2'), vip('n2'), work('n2'), join_('n1')],
];

async function part(pair: Cluster): Promise<void> {
  await pair.must(0, ...diverged);
  await pair.must(8, monitor('n1'));
  await pair.must(0, ...parted);
}

async function expectOwn(pair: Cluster): Promise<void> {
  const [row] = await pair.ask<{ name: string; source: string; recovering: boolean }>(
    'n1',
    "select current_setting('cluster_name') as name, current_setting('event_source') as source, pg_is_in_recovery() as recovering",
  );
  expect(row?.name === 'n1' && row.source === 'only-n1', `n1 runs with ${JSON.stringify(row)}`);
  expect(row.recovering, 'n1 is no standby');
  const data = pair.data('n1');
  for (const [name, text] of [['server.key', 'the key of n1\n'], ['pg_ident.conf', '# of n1\n']] as const)
    expect(readFileSync(join(data, name), 'utf8') === text, `${name} is not n1's`);
  expect(lstatSync(join(data, 'server.key')).uid === pair.side.rig.owner.uid, 'the key has another owner');
  expect((await pair.look('n2')).standbys?.includes('n1:streaming') === true, 'n1 does not stream');
} // prettier-ignore

export const cases: readonly ServersCase[] = [
  ...(['rewind', 'clone'] as const).map((way): ServersCase => ({
    number: 14,
    kind: 6,
    setup: 'servers',
    title: `configuration and keys in the data directory are the node's own after a ${way}`,
    before: 'The node came back with the configuration and the keys of the other one, and often did not start.',
    core: way === 'rewind',
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { rejoin: way } });
      await part(pair);
      await pair.must(0, act('start', 'n1'));
      await expectOwn(pair);
      return `After the ${way} n1 streams, with its own settings, key and access rules.`;
    },
  })),
  {
    number: 14,
    kind: 6,
    setup: 'servers',
    title: 'a rewind is not begun where the server’s user may not write a file',
    before: 'pg_rewind ended half-way, and the data were neither the old nor the new.',
    core: false,
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { rejoin: 'rewind' } });
      await part(pair);
      const key = (side: Cluster['side']) => join(dataFolder(side, 'n1'), 'server.key');
      await pair.does(fault('the key becomes root’s', (side) => Promise.resolve(chownSync(key(side), 0, 0))));
      await pair.must(1, act('start', 'n1'));
      expect(/may not write \S+server\.key/.test(pair.printed('n1')), 'the start does not name the file');
      const { uid, gid } = pair.side.rig.owner;
      await pair.does(fault('the key is the server’s', (side) => Promise.resolve(chownSync(key(side), uid, gid))));
      await pair.must(0, act('start', 'n1'));
      await expectOwn(pair);
      return 'The start returns 1 and names the file before anything is changed; then it is rewound.';
    },
  },
];
