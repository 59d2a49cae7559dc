// The primary's max_connections is raised and the standby's is not: replay pauses, and such a standby cannot be promoted.
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { TestbedCase } from '../case.ts';
import { clientText, type Region } from '../region.ts';

const pgctl = '/usr/lib/postgresql/15/bin/pg_ctl -D /var/lib/postgresql/15/main -w -m fast';

/** As an administrator does it: on one node, in maintenance mode. */
async function raiseOn({ stage, sh, sql }: Region, node: string): Promise<void> {
  const pcs = (value: string) => stage.must(node, ['pcs', 'property', 'set', `maintenance-mode=${value}`]);
  await pcs('true');
  await sql(node, 'alter system set max_connections = 333');
  await sh(node, `cd /; runuser -u postgres -- ${pgctl} restart >/dev/null`);
  await pcs('false');
}

const pauses = 'select pg_get_wal_replay_pause_state()';

export const cases: readonly TestbedCase[] = [
  {
    number: 25,
    kind: 2,
    setup: 'testbed',
    title: 'max_connections is raised on the primary only, then its plug is pulled: the standby is promoted',
    before: 'Replay was paused and all was green; after the plug there was no primary until the file was mended.',
    core: false,
    play: async ({ region }) => {
      const { stage, primary, standby } = region;
      await raiseOn(region, primary);
      const replays = async () => (await region.sql(standby, pauses).catch(() => '')) === 'not paused';
      // The standby's next monitor finds it, and mends it, or status is red until somebody does.
      await waitUntil(
        `replay on ${standby} goes on, or cfha status is red`,
        async () => (await replays()) || (await region.cfha(primary, 'status')).code !== 0,
        15,
      );
      await waitUntil(`replay on ${standby} goes on`, replays, 90);
      await region.untilStreaming(60);
      const report = await region.whileWriting(async () => {
        await stage.testbed.power('off', primary);
        await region.untilPrimary(standby, 90);
      });
      await region.untilStreaming(240);
      expect(report.missing <= 3, `acknowledged rows are lost: ${clientText(report)}`);
      return `${standby} is started with the limits of the primary and promoted: ${clientText(report)}.`;
    },
  },
];
