// A standby's replication slot is dropped by hand: the primary's next monitor makes it again.
import { expect } from '../../scenarios/waiting.ts';
import type { TestbedCase } from '../case.ts';
import { clientText, expectServed } from '../region.ts';

export const cases: readonly TestbedCase[] = [
  {
    number: 8,
    kind: 5,
    setup: 'testbed',
    title: 'the slot of a standby that is away is dropped: the standby streams again when it is back',
    before: 'The standby did not stream any more until the slot was made by hand, and was no candidate.',
    core: false,
    play: async ({ region }) => {
      const { primary, standby } = await region.configure('replication_slot_name=cf');
      const report = await region.whileWriting(async () => {
        await region.cfha(primary, 'standby', standby, '--yes');
        await region.sql(primary, `select pg_drop_replication_slot('cf_${standby}')`);
        const { code, text } = await region.cfha(primary, 'unstandby', standby, '--yes');
        await region.untilReceives(standby, 60);
        await region.untilStreaming(30);
        expect(code === 0, `cfha unstandby: exit code ${code}\n${text}`);
      });
      const slots = await region.sql(primary, 'select slot_name from pg_replication_slots where active');
      expect(slots === `cf_${standby}`, `the active slots are: ${slots}`);
      expectServed(report, 0.3);
      return `The slot is made again, and ${standby} streams: ${clientText(report)}.`;
    },
  },
];
