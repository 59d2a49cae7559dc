// Quotes, backslashes and blanks in what a connection is made with: quoted for the file, and for the connection string in it.
import { recoveryConf } from '../../../agent/rules/recovery-conf.ts';
import { sql } from '../../differential/scenario.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aCall } from '../../unit/agent/pretend-region.ts';
import type { Case } from '../case.ts';

const user = "o'br\\ien x";

export const cases: readonly Case[] = [
  {
    number: 38,
    kind: 6,
    setup: 'function',
    title: 'a password with quotes, a backslash and blanks stays one value in primary_conninfo',
    before: 'This was handled for passwords; master_ip and repuser were not quoted.',
    core: true,
    play: () => {
      const [line = ''] = recoveryConf(aCall({ primary_conninfo_opt: "password='a\\'b c'", repuser: user })).split(
        '\n',
      );
      expect(line.includes("password=''a\\\\''b c''"), line);
      expect(line.includes("user=''o\\\\''br\\\\\\\\ien x''"), line);
      return Promise.resolve('Each is quoted twice: as a value of the connection string, and as a value in the file.');
    },
  },
  {
    number: 38,
    kind: 6,
    setup: 'servers',
    title: 'a role for replication with a quote, a backslash and a blank in its name: the standby streams',
    before: 'The name was written without quotes, and the standby could not connect.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { repuser: user, primary_conninfo_opt: "password='it\\'s \\\\ x'" } });
      const made = sql('n1', `create role "${user}" replication login superuser`);
      await pair.begins(made);
      const { standbys = '' } = await pair.look('n1');
      expect(standbys.startsWith('n2:streaming'), `the standbys of n1: ${standbys}`);
      return `n2 streams from n1 as ${user}.`;
    },
  },
];
