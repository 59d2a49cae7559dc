// cfha failover where each of two nodes has ruled the other out.
import { run } from '../../../agent/run.ts';
import { failover } from '../../../cli/region/failover.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aCall, aNode, anAnswer, aSnapshotOfEachState, PretendRegion } from '../../unit/agent/pretend-region.ts';
import { aNodeView, aView } from '../../unit/cli/region/pretend-view.ts';
import type { FunctionCase } from '../case.ts';

const out = (name: string, handover: string) =>
  aNodeView(name, { attributes: { 'pg-data-status': 'DISCONNECT', 'pg-handover': handover } });

/** Monitors until the node is elected, and a promotion; returns what was done. */
async function promoted(): Promise<readonly string[]> {
  const dataStatus = 'DISCONNECT';
  const nodes = {
    db1: aNode('db1', { dataStatus, score: '-INFINITY', acceptLoss: 'all' }, { role: 'Unpromoted' }),
    db2: aNode('db2', { dataStatus, timeline: '00000002-7000000000000000001' }, { role: 'Unpromoted' }),
  };
  const region = new PretendRegion({
    ...aSnapshotOfEachState.standby,
    session: { answer: anAnswer({ walReceiver: false }) },
    cluster: { nodes, quorate: true, fencing: true },
  });
  for (let n = 0; n < 6; n++) await run('monitor', aCall(), region);
  await run('promote', aCall(), region);
  return region.story;
}

export const cases: readonly FunctionCase[] = [
  {
    number: 54,
    kind: 10,
    setup: 'function',
    title: 'cfha failover compares what both nodes have published, and tells both sides of the choice',
    before: 'db1 was told to be behind db2, although the position at which it had handed over was the larger one.',
    core: true,
    play: () => {
      const plan = failover('db1', undefined).plan(aView({ nodes: [out('db1', '0000000003051E60'), out('db2', '0000000003041F68')] }));
      const says = 'refused' in plan ? plan.refused : JSON.stringify(plan);
      expect(says.includes('db1: by what is published, nothing'), `of db1 it says: ${says}`);
      expect(says.includes('db2: lost: 65272 bytes of db1'), `of db2 it says: ${says}`);
      return Promise.resolve(says);
    },
  },
  {
    number: 54,
    kind: 10,
    setup: 'function',
    title: 'with --accept-loss all a node is promoted that is ruled out by its record and by a later timeline',
    before: 'It was not promoted within 40 s: the word overruled the record, but not the timeline that the other had begun.',
    core: true,
    play: async () => {
      const story = await promoted();
      expect(story.includes('set score of db1 to 1000'), `it was not elected: ${story.join('; ')}`);
      expect(story.includes('promote server'), `it was not promoted: ${story.join('; ')}`);
      return 'db1 is elected and promoted.';
    },
  },
]; // prettier-ignore
