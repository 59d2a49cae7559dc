// cfha failover where each of two nodes has ruled the other out.
import { failover } from '../../../cli/region/failover.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aNodeView, aView } from '../../unit/cli/region/pretend-view.ts';
import type { FunctionCase } from '../case.ts';

const out = (name: string, handover: string) =>
  aNodeView(name, { attributes: { 'pg-data-status': 'DISCONNECT', 'pg-handover': handover } });

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
]; // prettier-ignore
