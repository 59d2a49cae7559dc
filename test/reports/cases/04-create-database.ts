// CREATE DATABASE holds a lock on its template while it waits for the standby: what asks the server must not need that.
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { TestbedCase } from '../case.ts';
import { clientText, expectServed, expectUntouched } from '../region.ts';

const loop = 'n=0; while :; do n=$((n + 1)); createdb x$n; done';

export const cases: readonly TestbedCase[] = [
  {
    number: 4,
    kind: 3,
    setup: 'testbed',
    mode: 'sync',
    title: 'databases are created in sync mode while the standby’s plug is pulled: the primary goes on',
    before: 'The monitor could not log in to template1: the only primary was banned, 170 s without commits.',
    core: false,
    play: async ({ region }) => {
      const { stage, primary, standby } = region;
      const report = await region.whileWriting(async () => {
        await region.sh(primary, `cd /; systemd-run --quiet --unit=creating --uid=postgres sh -c '${loop}'`);
        const some = async () =>
          Number(await region.sql(primary, "select count(*) from pg_database where datname ~ '^x'"));
        await waitUntil('databases are created', async () => (await some()) > 2, 60);
        await stage.testbed.power('off', standby);
        await waitUntil(`${standby} has power again`, () => Promise.resolve(stage.testbed.isOn(standby)), 90);
        await region.sh(primary, 'systemctl stop creating');
        await region.untilReceives(standby, 240);
        await region.untilStreaming(60);
      });
      expectServed(report, 40);
      expectUntouched(region, primary);
      expect((await region.look()).promoted.join() === primary, 'the primary is another one');
      return `${primary} goes on as when a standby is lost: ${clientText(report)}.`;
    },
  },
];
