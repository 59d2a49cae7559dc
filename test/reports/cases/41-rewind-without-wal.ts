// The WAL that a rewind needs is gone on the former primary: it must not be left half one and half the other.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  act,
  configure,
  join_,
  leave,
  monitor,
  ownConfiguration,
  sql,
  vip,
  work,
} from '../../differential/scenario.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import type { Cluster } from '../servers.ts';

/** Segments before the one in which the histories part: the last common checkpoint is in them. */
function removeOlder(pair: Cluster, segment: string): number {
  const folder = join(pair.data('n1'), 'pg_wal');
  const older = readdirSync(folder).filter((name) => /^[0-9A-F]{24}$/.test(name) && name < segment);
  for (const name of older) rmSync(join(folder, name));
  return older.length;
}

export const cases: readonly ServersCase[] = [
  {
    number: 41,
    kind: 8,
    setup: 'servers',
    title: 'a rewind whose WAL is gone ends in a copy (rejoin=rewind,clone), and never starts what is in between',
    before: 'This was handled.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { rejoin: 'rewind,clone', config: '@node/postgresql.conf' } });
      for (const node of ['n1', 'n2'])
        await pair.does(configure(node, 'full_page_writes = on'), configure(node, 'wal_keep_size = 64MB'), ownConfiguration(node)); // prettier-ignore
      await pair.must(0, act('start', 'n1'), act('promote', 'n1'), vip('n1'), act('start', 'n2'));
      await pair.must(8, monitor('n1'));
      await pair.does(sql('n1', 'checkpoint'), work('n1'), sql('n1', 'select pg_switch_wal()'), work('n1'));
      const [now] = await pair.ask<{ name: string }>('n1', 'select pg_walfile_name(pg_current_wal_lsn()) as name');
      await pair.must(0, act('stop', 'n2'), work('n1'));
      await pair.does(sql('n1', 'checkpoint'), work('n1'), leave('n1'), vip(undefined));
      await pair.must(0, act('start', 'n2'), act('promote', 'n2'), vip('n2'), work('n2'), join_('n1'));
      expect(removeOlder(pair, now?.name ?? '') > 0, 'no WAL is there to be removed');
      await pair.must(0, act('start', 'n1'));
      await waitUntil('n1 receives', async () => (await pair.look('n1')).receiving === true, 30);
      const told = pair.printed('n1');
      if (told.includes('step: copy primary'))
        return 'The rewind is tried, given up with its reason, and n1 streams from a copy.';
      // a checkpoint of the server's own came late, and is in the WAL that is left
      expect(told.includes('step: rewind'), `n1 printed ${told.slice(-2500)}`);
      return 'The WAL that is left was enough for the rewind, and n1 streams.';
    },
  },
];
