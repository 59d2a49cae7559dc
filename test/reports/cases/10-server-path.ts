// The environment in which restore_command and archive_command run: Pacemaker's, as with pgsql.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { act, transition, vip } from '../../differential/scenario.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

export const cases: readonly ServersCase[] = [
  {
    number: 10,
    kind: 6,
    setup: 'servers',
    title: 'a program that only Pacemaker’s PATH leads to is found by restore_command, and no password is passed on',
    before: 'The server had a PATH without /usr/local, so the standby did not start: the program ended with 127.',
    core: true,
    play: async ({ cluster, folder }) => {
      const local = join(folder, 'local');
      const told = join(folder, 'told');
      mkdirSync(local);
      mkdirSync(told, { mode: 0o777 });
      for (const place of [folder, local, told]) chmodSync(place, place === told ? 0o777 : 0o755);
      writeFileSync(join(local, 'walx'), `#!/bin/sh\nenv >${told}/by-walx\nexit 1\n`);
      chmodSync(join(local, 'walx'), 0o755);
      const pair = await cluster({ parameters: { restore_command: 'walx %f %p' } });
      const env = {
        PATH: `${local}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
        ...{ WAL_PLACE: 'here', PGPASSWORD: 'geheim', OCF_RESKEY_monitor_user: 'postgres', OCF_RESKEY_monitor_password: 'geheim' },
      }; // prettier-ignore
      await pair.must(0, ...transition('start', 'n1', { env }), act('promote', 'n1', { env }), vip('n1'));
      await pair.must(0, act('start', 'n2', { env }));
      expect(existsSync(join(told, 'by-walx')), 'the program was not found');
      const seen = readFileSync(join(told, 'by-walx'), 'utf8');
      expect(/^WAL_PLACE=here$/m.test(seen), `Pacemaker's variables are not passed on: ${seen}`);
      expect(!seen.includes('geheim'), `a password is passed on: ${seen}`);
      return 'The standby starts, the program runs with Pacemaker’s PATH and variables, and without the resource’s.';
    },
  },
];
