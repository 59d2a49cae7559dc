// Three nodes: a standby that runs has replayed more than the new primary had when it was promoted.
import { run } from '../../../agent/run.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aCall, aNode, anAnswer, aSnapshot, diverged, PretendRegion } from '../../unit/agent/pretend-region.ts';
import type { FunctionCase } from '../case.ts';

const missed = { dataStatus: 'DISCONNECT', status: 'HS:alone' } as const;

async function monitored(rejoin: string): Promise<readonly [exit: string, code: string | undefined]> {
  const nodes = { db1: aNode('db1', missed), db2: aNode('db2', {}, { role: 'Promoted' }), db3: aNode('db3') };
  const region = new PretendRegion(
    aSnapshot({
      ...{ postmaster: { pid: 4711, status: 'standby' }, standbySignal: true, evidence: diverged },
      session: { answer: anAnswer({ walReceiver: false }) },
      cluster: { nodes, quorate: true, fencing: true },
    }),
  );
  const { exit, because } = await run('monitor', aCall({ node_list: 'db1 db2 db3', rejoin }), region);
  return [exit, because?.code];
}

export const cases: readonly FunctionCase[] = [
  {
    number: 40,
    kind: 8,
    setup: 'function',
    title: 'a standby that is ahead of the fork is restarted to be rewound; with rejoin=manual it stays as it is',
    before: 'This was handled.',
    core: true,
    play: async () => {
      const [exit, code] = await monitored('rewind');
      expect(exit === 'generic' && code === 'CANNOT_FOLLOW', `rejoin=rewind: ${exit} ${code}`);
      const [manual, word] = await monitored('manual');
      expect(manual === 'success', `rejoin=manual: ${manual} ${word}`);
      return 'With rejoin=rewind its monitor reports CANNOT_FOLLOW and its start rewinds it; with manual it is let run.';
    },
  },
];
