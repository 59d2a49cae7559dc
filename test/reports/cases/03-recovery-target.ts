// A recovery target is left in postgresql.auto.conf of a standby: it would end recovery and be promoted by itself.
import { sleep } from '../../testbed/processes.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { TestbedCase } from '../case.ts';
import { clientText, expectServed, expectUntouched, wordsAbout, type Region } from '../region.ts';

const file = '/var/lib/postgresql/15/main/postgresql.auto.conf';

/** Its last transactions are of before the target; those of after it would promote the standby. */
async function leaveTarget({ sh }: Region, node: string, seconds: number): Promise<void> {
  const at = `$(date -u -d '${seconds} seconds' '+%F %T')+00`;
  await sh(node, `printf "recovery_target_time = '%s'\\nrecovery_target_action = 'promote'\\n" "${at}" >>${file}`);
}

const left = (seconds: number, when: string): TestbedCase => ({
  number: 3,
  kind: 2,
  setup: 'testbed',
  title: `recovery_target_time ${when} is left in postgresql.auto.conf: the standby streams on, or the start names it`,
  before:
    'At the target the standby was promoted by itself, each node disqualified the other one, no primary was left.',
  core: false,
  play: async ({ region }) => {
    const { primary, standby } = region;
    const state = { streams: false };
    const report = await region.whileWriting(async () => {
      await region.cfha(primary, 'standby', standby, '--yes');
      await leaveTarget(region, standby, seconds);
      const begun = performance.now();
      const back = region.cfha(primary, 'unstandby', standby, '--yes');
      state.streams = await region.untilReceives(standby, 60).then(
        () => true,
        () => false,
      );
      if (!state.streams) {
        const words = await wordsAbout(region, standby);
        expect(words.includes('recovery_target'), `the setting is not named:\n${words}`);
      } else {
        await back;
        await sleep(Math.max(0, (seconds + 15) * 1000 - (performance.now() - begun)));
        await region.untilReceives(standby, 5);
        await region.untilStreaming(30);
      }
    });
    expectServed(report, 0.3);
    expectUntouched(region, primary);
    const end = state.streams
      ? `${standby} streams on beyond the target`
      : `${standby} is not started, and the setting is named`;
    return `${end}: ${clientText(report)}.`;
  },
});

export const cases: readonly TestbedCase[] = [left(45, 'in the future'), left(-3600, 'in the past')];
