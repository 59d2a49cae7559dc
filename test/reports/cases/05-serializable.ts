// default_transaction_isolation = serializable, which no query on a hot standby may use: our sessions state their own.
import { sleep } from '../../testbed/processes.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { TestbedCase } from '../case.ts';
import { clientText } from '../region.ts';

export const cases: readonly TestbedCase[] = [
  {
    number: 5,
    kind: 3,
    setup: 'testbed',
    title: 'a role’s default isolation is serializable, then the primary’s plug is pulled: the standby is promoted',
    before: 'The standby was stopped at once, and after the plug neither node could start any more.',
    core: false,
    play: async ({ region }) => {
      const { stage, primary, standby } = region;
      const report = await region.whileWriting(async () => {
        await region.sql(primary, "alter role postgres set default_transaction_isolation = 'serializable'");
        await sleep(12_000); // some monitors of the standby
        const failures = (await region.look()).failures.join('\n');
        expect(failures === '', `the standby's monitor fails: ${failures}`);
        await stage.testbed.power('off', primary);
        await region.untilPrimary(standby, 90);
      });
      await region.untilStreaming(180);
      // asynchronous: what was acknowledged in the moment of the plug may not have been sent
      expect(report.missing <= 3, `acknowledged rows are lost: ${clientText(report)}`);
      return `${standby} is promoted, and ${primary} follows it: ${clientText(report)}.`;
    },
  },
];
