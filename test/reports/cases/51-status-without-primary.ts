// cfha status when there is no primary, and no standby streams.
import { statusOf } from '../../../cli/region/status.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aNodeView, aView } from '../../unit/cli/region/pretend-view.ts';
import type { FunctionCase } from '../case.ts';

const out = (name: string) => aNodeView(name, { attributes: { 'pg-data-status': 'DISCONNECT' } });

export const cases: readonly FunctionCase[] = [
  {
    number: 51,
    kind: 10,
    setup: 'function',
    title: 'cfha status without a primary names no standby that there is none, and tells the choice',
    before: '"Will a failover work? yes:  streams", and advice that ended where it began.',
    core: true,
    play: () => {
      const view = aView({ nodes: [out('db1'), out('db2')] });
      const { code, failover, todo } = statusOf(view, { local: undefined, fencing: undefined, now: new Date(0) });
      expect(code === 4 && failover[0] === 'no: there is no primary', `it says: ${failover.join('; ')}`);
      for (const node of ['db1', 'db2']) expect(todo.includes(`cfha failover --to ${node}`), `${node} is no choice: ${todo}`);
      return Promise.resolve(todo);
    },
  },
]; // prettier-ignore
