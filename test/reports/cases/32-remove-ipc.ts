// systemd removes the shared memory of a user who has logged out, unless it is a system user.
import { judgeAll } from '../../../verify/checks.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aNode, facts } from '../../unit/verify/pretend-nodes.ts';
import type { FunctionCase } from '../case.ts';

const ipc = (uid: number, removed: boolean) => ({ ipc: { uid, systemUidMax: 999, removed } });

export const cases: readonly FunctionCase[] = [
  {
    number: 32,
    kind: 6,
    setup: 'function',
    title: 'RemoveIPC with a pgdba that is no system user is found by verify',
    before: 'Nothing looked at it; the queries of a running server failed after that user had logged out.',
    core: true,
    play: () => {
      const verdict = (changes: ReturnType<typeof ipc>) =>
        judgeAll(facts({ nodes: [aNode('db1', changes), aNode('db2', changes)] })).find(
          ({ code }) => code === 'REMOVE_IPC',
        )?.verdict;
      expect(verdict(ipc(1001, true)) === 'broken', 'an ordinary user is not found');
      expect(verdict(ipc(107, true)) === 'held', 'a system user is found');
      expect(verdict(ipc(1001, false)) === 'held', 'it is found where logind removes nothing');
      return Promise.resolve('verify finds REMOVE_IPC broken, and names the uid and both remedies.');
    },
  },
];
