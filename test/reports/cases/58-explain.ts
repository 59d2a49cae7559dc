// cfha explain's "Promotable", and what the promotion itself would say.
import { explain } from '../../../agent/explain.ts';
import { run } from '../../../agent/run.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aCall, aNode, aSnapshotOfEachState, PretendRegion } from '../../unit/agent/pretend-region.ts';
import type { FunctionCase } from '../case.ts';

const given = [
  ['a handover that is not here', {}, { handover: '0000000004000000' }],
  ['a later timeline', {}, { timeline: '00000002-7000000000000000001' }],
  ['a record that rules it out', { dataStatus: 'DISCONNECT' }, {}],
  ['nothing against it', { dataStatus: 'STREAMING|ASYNC' }, {}],
] as const;

export const cases: readonly FunctionCase[] = [
  {
    number: 58,
    kind: 10,
    setup: 'function',
    title: 'cfha explain calls a node promotable if and only if the agent would promote it',
    before: '"Promotable: yes" stood above a promotion that waited for WAL which did not come, or was refused.',
    core: true,
    play: async () => {
      for (const [what, own, other] of given) {
        const nodes = { db1: aNode('db1', { ...own, score: '1000' }), db2: aNode('db2', other) };
        const region = new PretendRegion({ ...aSnapshotOfEachState.standby, cluster: { nodes, quorate: true, fencing: true } });
        const { promotable } = explain(region.now, aCall());
        const { exit } = await run('promote', aCall(), region);
        expect(promotable.yes === (exit === 'success'), `${what}: explained as ${String(promotable.yes)} (${promotable.because.join('; ')}), ended as ${exit}`);
      }
      return 'Four worlds are explained as the promotion ends.';
    },
  },
]; // prettier-ignore
