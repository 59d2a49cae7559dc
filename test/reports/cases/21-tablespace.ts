// CREATE TABLESPACE replays on a standby only if the directory is there.
import { chownSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { act } from '../../differential/scenario.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

const made = `select from pg_tablespace where spcname = 't'`;

export const cases: readonly ServersCase[] = [
  {
    number: 21,
    kind: 8,
    setup: 'servers',
    title: 'a tablespace is made in a directory that the standby lacks: its start names the directory',
    before: 'Each start failed; in another language than English its message named no directory.',
    core: true,
    play: async ({ cluster, folder }) => {
      const pair = await cluster({ mode: 'async' });
      await pair.replicates();
      const place = join(folder, 'ts');
      const { uid, gid } = pair.side.rig.owner;
      mkdirSync(place);
      chownSync(place, uid, gid);
      // both servers are on this machine: the directory is gone before the standby replays
      await pair.must(0, act('stop', 'n2'));
      await pair.ask('n1', `create tablespace t location '${place}'`);
      renameSync(place, `${place}-of-n1`);
      await pair.must(1, act('start', 'n2'));
      const told = pair.printed('n2').trimEnd().split('\n').at(-1) ?? '';
      expect(told.includes(`${place} `) && told.includes('[TABLESPACE_MISSING]'), `the start's message is: ${told}`);
      mkdirSync(place);
      chownSync(place, uid, gid);
      await pair.must(0, act('start', 'n2'));
      await waitUntil('n2 has the tablespace', async () => (await pair.ask('n2', made)).length === 1, 20);
      return 'The start returns 1 and names the directory; once that is made, the standby starts and replays.';
    },
  },
];
