// What postgresql.auto.conf has outranks the file that the agent includes: the agent's settings hold, or it refuses.
import { addressOf } from '../../testbed/layout.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { TestbedCase } from '../case.ts';
import { clientText, expectServed, wordsAbout, type Region } from '../region.ts';

const auto = '/var/lib/postgresql/15/main/postgresql.auto.conf';

/** As pg_basebackup -R and alter system leave it: the primary's own address, and no application_name. */
async function leaveConninfo({ sh, primary }: Region, node: string): Promise<void> {
  const passfile = '$(sed -n "s/.*passfile=\\([^ ]*\\).*/\\1/p" /var/lib/postgresql/tmp/recovery.conf | head -n1)';
  const line = `primary_conninfo = 'host=${addressOf(primary)} user=replicator passfile=%s'\\n`;
  await sh(node, `printf "${line}" "${passfile}" >>${auto}`);
}

export const cases: readonly TestbedCase[] = [
  {
    number: 12,
    kind: 2,
    setup: 'testbed',
    title:
      'primary_conninfo is left in postgresql.auto.conf: the standby is a candidate all the same, or the file is named',
    before: 'It streamed under another name, was recorded as DISCONNECT, and no message named the setting.',
    core: false,
    play: async ({ region }) => {
      const { primary, standby } = region;
      const report = await region.whileWriting(async () => {
        await region.cfha(primary, 'standby', standby, '--yes');
        await leaveConninfo(region, standby);
        await region.cfha(primary, 'unstandby', standby, '--yes');
      });
      expectServed(report, 0.3);
      const streams = await region.untilStreaming(60).then(
        () => true,
        () => false,
      );
      if (!streams) {
        const words = await wordsAbout(region, standby);
        expect(
          words.includes('primary_conninfo') && words.includes('postgresql.auto.conf'),
          `the setting is not named:\n${words}`,
        );
        return `${standby} is not started, and file and setting are named: ${clientText(report)}.`;
      }
      const change = await region.whileWriting(async () => {
        const { code, text } = await region.cfha(primary, 'switchover', '--yes');
        expect(code === 0, `cfha switchover: exit code ${code}\n${text}`);
        await region.untilStreaming(90);
      });
      expectServed(change);
      return `The agent's setting holds: ${standby} is a candidate, and a switchover loses nothing: ${clientText(change)}.`;
    },
  },
];
