// A restore_command that hangs holds up no promotion; and a promotion that fails leaves the region electable.
import { expect } from '../../scenarios/waiting.ts';
import type { TestbedCase } from '../case.ts';
import { clientText } from '../region.ts';

/** Asynchronous: what was acknowledged in the moment of the plug may not have been sent. */
const mayLose = 3;

export const cases: readonly TestbedCase[] = [
  {
    number: 11,
    kind: 4,
    setup: 'testbed',
    title: 'restore_command hangs on the standby when the primary’s plug is pulled: the standby is promoted',
    before: 'The promotion failed after 56 s, and the next start hung as well: no primary 160 s after the plug.',
    core: false,
    play: async ({ region }) => {
      const { stage } = region;
      const { primary, standby } = await region.configure('restore_command=test -e /tmp/hang && sleep 120; exit 1');
      const report = await region.whileWriting(async () => {
        await region.sh(standby, 'touch /tmp/hang');
        await stage.testbed.power('off', primary);
        await region.untilPrimary(standby, 90);
      });
      await region.untilStreaming(240);
      expect(report.missing <= mayLose, `acknowledged rows are lost: ${clientText(report)}`);
      return `${standby} is promoted, and ${primary} follows it: ${clientText(report)}.`;
    },
  },
  {
    number: 11,
    kind: 9,
    setup: 'testbed',
    title: 'a promotion that cannot succeed leaves the region electable: the former primary comes back and is promoted',
    before:
      'The failing node had disqualified the former primary, which came back with all data and could not be chosen.',
    core: false,
    play: async ({ region }) => {
      const { stage, primary, standby } = region;
      const report = await region.whileWriting(async () => {
        // where the signal to promote is to be written, there is a directory
        await region.sh(standby, 'install -d -o postgres -g postgres /var/lib/postgresql/15/main/promote');
        await stage.testbed.power('off', primary);
        await region.untilPrimary(primary, 300);
      });
      await region.untilStreaming(180);
      expect(report.missing === 0, `acknowledged rows are lost: ${clientText(report)}`);
      return `${primary} comes back and is promoted again, ${standby} follows: ${clientText(report)}.`;
    },
  },
];
