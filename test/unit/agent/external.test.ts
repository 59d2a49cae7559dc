// Standbys outside the cluster: never promoted, so nothing has to be proven before one is left.
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../agent/run.ts';
import type { Step } from '../../../agent/steps.ts';
import { aCall, aNode, aPrimary, aSnapshot, aSnapshotOfEachState, history, PretendRegion } from './pretend-region.ts';

const call = aCall({ rep_mode: 'sync', external_standby_node_list: 'dr1' });
const streaming = (name: string) => ({
  applicationName: name,
  state: 'STREAMING',
  syncState: 'SYNC',
  flushed: 0x3000000n,
});

/** What a monitor writes into rep_mode.conf where commits wait for db2 and dr1 and only these stream; nobody answers for db2. */
async function written(senders: readonly string[], db2: 'there' | 'lost' | 'fenced'): Promise<readonly string[]> {
  const away = {
    online: false,
    inMembership: false,
    expected: db2 === 'fenced' ? ('down' as const) : ('member' as const),
  };
  const nodes = {
    db1: aNode('db1', { status: 'PRI', dataStatus: 'LATEST', timeline: history }),
    db2: aNode('db2', { score: '100', dataStatus: 'STREAMING|SYNC' }, db2 === 'there' ? {} : away),
  };
  const synchronousStandbyNames = 'FIRST 2 ("db2", "dr1")';
  const region = new PretendRegion(
    aSnapshot({
      ...aSnapshotOfEachState.primary,
      session: { answer: aPrimary({ senders: senders.map(streaming), synchronousStandbyNames }) },
      cluster: { nodes, quorate: true, fencing: true },
      syncNames: ['db2', 'dr1'],
    }),
  );
  region.answering = [];
  const steps: Step[] = [];
  const { act } = region;
  region.act = (step) => {
    steps.push(step);
    return act(step);
  };
  await run('monitor', call, region);
  return steps.flatMap((step) => (step.do === 'write file' ? [step.content.trim()] : []));
}

describe('commits that wait for a standby of the cluster and for one outside', () => {
  it('go on without the one outside as soon as it does not stream', async () => {
    expect(await written(['db2'], 'there')).toEqual([`synchronous_standby_names = '"db2"'`]);
  });

  it('wait for the one of the cluster, and for it alone, until it is proven to be out', async () => {
    expect(await written([], 'lost')).toEqual([`synchronous_standby_names = '"db2"'`]);
    expect(await written(['dr1'], 'fenced')).toEqual([`synchronous_standby_names = '"dr1"'`]);
    expect(await written([], 'fenced')).toEqual([`synchronous_standby_names = ''`]);
  });

  it('are left alone while both stream', async () => expect(await written(['db2', 'dr1'], 'there')).toEqual([]));
});
