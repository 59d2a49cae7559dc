// Quotes, backslashes and blanks in the password and the name of the replication user.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { act, file, monitor, sql, transition, vip } from '../../differential/scenario.ts';
import { nodeFolder } from '../../differential/side.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

const user = `o'neil the\\replicator`;
const password = `a'b\\c d:e"f`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const escaped = (text: string): string => text.replaceAll(/[:\\]/g, '\\$&');
const hba = `local replication all scram-sha-256\nlocal all all trust\n`;

export const cases: readonly ServersCase[] = [
  {
    number: 38,
    kind: 6,
    setup: 'servers',
    title: 'a password file with colons, quotes and blanks, and a user as odd, let both nodes stream in turn (scram-sha-256)',
    before: 'In the password they were handled; a name with a blank or a quote made a connection string that PostgreSQL refused.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { repuser: user, passfile: '@node/pass', primary_conninfo_opt: '' } });
      for (const node of ['n1', 'n2']) {
        await pair.does(file(node, 'pass', `*:*:*:${escaped(user)}:${escaped(password)}\n`), file(node, 'data/pg_hba.conf', hba));
        chmodSync(join(nodeFolder(pair.side, node), 'pass'), 0o600);
      }
      await pair.must(0, ...transition('start', 'n1'), ...transition('promote', 'n1'), vip('n1'));
      const role = `"${user}"`;
      await pair.does(sql('n1', `set standard_conforming_strings = on; create role ${role} login replication password ${literal(password)}`));
      await pair.must(0, ...transition('start', 'n2'));
      await waitUntil('n2 receives', async () => (await pair.look('n2')).receiving === true, 30);
      await pair.must(8, monitor('n1'));
      const [row] = await pair.ask<{ name: string }>('n1', 'select usename as name from pg_stat_replication');
      expect(row?.name === user, `it streams as ${row?.name}`);
      // a switch over, so that the former primary's questions take the same way
      await pair.must(0, ...transition('demote', 'n1'), act('stop', 'n1'), ...transition('promote', 'n2'), vip('n2'));
      await pair.must(0, ...transition('start', 'n1'));
      await waitUntil('n1 receives', async () => (await pair.look('n1')).receiving === true, 30);
      return 'Both nodes stream in turn, with scram-sha-256, as that user with that password.';
    },
  },
]; // prettier-ignore
