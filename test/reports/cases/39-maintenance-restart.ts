// The cluster is stopped and started in maintenance mode: the database goes on, and its primary is adopted.
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { TestbedCase } from '../case.ts';
import { clientText, expectServed } from '../region.ts';

const maintained = (mode: 'async' | 'sync'): TestbedCase => ({
  number: 39,
  kind: 1,
  setup: 'testbed',
  mode,
  title: `the cluster is stopped and started in maintenance mode (${mode}): the running primary is adopted without a gap`,
  before: 'This was handled: the probe of a running primary gave it its score.',
  core: mode === 'async',
  play: async ({ region }) => {
    const { stage, primary } = region;
    const pcs = (...words: readonly string[]) => stage.must(primary, ['pcs', ...words]);
    const report = await region.whileWriting(async () => {
      await pcs('property', 'set', 'maintenance-mode=true');
      await pcs('cluster', 'stop', '--all');
      await pcs('cluster', 'start', '--all', '--wait');
      await pcs('property', 'set', 'maintenance-mode=false');
      await region.untilStreaming(90);
      const scored = async () => (await region.look()).attributes[primary]?.['master-postgresql'] === '1000';
      await waitUntil(`${primary} has the score 1000`, scored, 60);
    });
    expectServed(report, 0.3);
    expect((await region.look()).promoted.join() === primary, 'the primary is another one');
    return `${primary} stays the primary: ${clientText(report)}.`;
  },
});

export const cases: readonly TestbedCase[] = [maintained('async'), maintained('sync')];
