// A restore_command that hangs holds up no promotion; and a promotion that fails leaves the region electable.
import { expect } from '../../scenarios/waiting.ts';
import { untilPromotedAnew } from '../../endings/until.ts';
import type { TestbedCase } from '../case.ts';
import { clientText } from '../region.ts';

/** Asynchronous: what was acknowledged in the moment of the plug may not have been sent. */
const mayLose = 3;

/** pg_ctl goes on doing all but a promotion. */
const unableToPromote = `cd /usr/lib/postgresql/15/bin; mv pg_ctl pg_ctl.real; cat >pg_ctl <<'END'
#!/bin/sh
case " $* " in *" promote "*) echo "no promotion here" >&2; exit 1 ;; esac
exec /usr/lib/postgresql/15/bin/pg_ctl.real "$@"
END
chmod 755 pg_ctl`;

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
        await region.sh(standby, unableToPromote);
        await untilPromotedAnew(stage, () => stage.testbed.power('off', primary), 300);
        await region.untilPrimary(primary, 30);
      });
      await region.untilStreaming(180);
      expect(report.missing === 0, `acknowledged rows are lost: ${clientText(report)}`);
      return `${primary} comes back and is promoted again, ${standby} follows: ${clientText(report)}.`;
    },
  },
];
