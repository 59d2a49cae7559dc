// Maintenance mode in sync mode: nothing is monitored, so commits wait for a standby that is gone; the docs tell it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '../../scenarios/waiting.ts';
import { sleep } from '../../testbed/processes.ts';
import type { TestbedCase } from '../case.ts';
import { clientText, expectServed } from '../region.ts';

const page = join(import.meta.dirname, '../../../docs/day-two.md');
const pgctl = '/usr/lib/postgresql/15/bin/pg_ctl -D /var/lib/postgresql/15/main -w -m fast';

export const cases: readonly TestbedCase[] = [
  {
    number: 34,
    kind: 8,
    setup: 'testbed',
    mode: 'sync',
    title:
      'the standby’s server is stopped in maintenance mode: commits wait until its end, and docs/day-two.md tells it',
    before: 'Commits waited until the end of maintenance mode, and no page told it.',
    core: false,
    play: async ({ region }) => {
      const { stage, primary, standby } = region;
      const maintained = (on: 'true' | 'false') =>
        stage.must(primary, ['pcs', 'property', 'set', `maintenance-mode=${on}`]);
      const report = await region.whileWriting(async () => {
        await maintained('true');
        await region.sh(standby, `cd /; runuser -u postgres -- ${pgctl} stop`);
        await sleep(20_000);
        await maintained('false');
        await region.untilReceives(standby, 120);
        await region.untilStreaming(60);
      });
      expectServed(report, 60);
      expect(report.longestGap > 15, `commits did not wait: ${clientText(report)}`);
      const told = readFileSync(page, 'utf8')
        .split('\n')
        .some((line) => /maintenance/i.test(line) && /sync/i.test(line));
      expect(told, 'docs/day-two.md has no line about maintenance mode in sync mode');
      return `Commits go on when maintenance mode ends, as docs/day-two.md has it: ${clientText(report)}.`;
    },
  },
];
