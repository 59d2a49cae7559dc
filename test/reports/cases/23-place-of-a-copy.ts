// A data directory that no copy can take the place of: found before one is wanted.
import { statusOf } from '../../../cli/region/status.ts';
import { readView } from '../../../cli/region/view.ts';
import { judgeAll } from '../../../verify/checks.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aNode, facts, recorded } from '../../unit/verify/pretend-nodes.ts';
import type { FunctionCase } from '../case.ts';

const allowed = recorded.replace('name="rejoin" value="rewind"', 'name="rejoin" value="rewind,clone"');
const why = '/var/lib/postgresql/15/main/pg_wal is a link';

export const cases: readonly FunctionCase[] = [
  {
    number: 23,
    kind: 6,
    setup: 'function',
    title: 'a mount point or a linked pg_wal is told by verify and status as soon as rejoin allows a copy',
    before: 'It was found when the copy was wanted, which was then refused.',
    core: true,
    play: () => {
      const nodes = [aNode('db1'), aNode('db2', { copyObstacle: why })];
      const verdict = (cib: string) => judgeAll(facts({ nodes }, cib)).find(({ code }) => code === 'COPY_POSSIBLE');
      expect(verdict(allowed)?.verdict === 'broken', 'verify does not find it');
      expect(verdict(recorded)?.verdict === 'held', 'verify finds it where no copy is allowed');
      const view = readView({ code: 0, stdout: allowed, stderr: '' }, 'postgresql');
      const status = statusOf(view, { local: undefined, fencing: undefined, now: new Date(), copyObstacle: why });
      expect(
        status.failover.some((line) => line.includes(why)),
        `status: ${status.failover.join('; ')}`,
      );
      return Promise.resolve('verify finds COPY_POSSIBLE broken, and status ends with a warning.');
    },
  },
];
