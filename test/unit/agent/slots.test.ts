// A slot that was given up is made anew and recorded, until its node streams again.
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../agent/run.ts';
import type { InstanceAnswer } from '../../../lib/postgres/queries.ts';
import { aCall, aNode, aPrimary, aSnapshot, history, PretendRegion, streaming } from './pretend-region.ts';

async function watch(answer: Partial<InstanceAnswer>, slot?: string, parameters = { replication_slot_name: 'ha' }) {
  const db1 = aNode('db1', { status: 'PRI', dataStatus: 'LATEST', timeline: history, score: '1000' });
  const db2 = aNode('db2', {
    ...(slot === undefined ? {} : { slot }),
    ...(answer.senders?.length === 0 ? { dataStatus: 'DISCONNECT' } : { dataStatus: 'STREAMING|ASYNC', status: 'HS:async' }),
  });
  const session = { answer: aPrimary({ senders: [streaming], physicalSlots: ['ha_db2'], ...answer }) };
  const cluster = { nodes: { db1, db2 }, quorate: true, fencing: true };
  const region = new PretendRegion(aSnapshot({ postmaster: { pid: 4711, status: 'ready' }, session, cluster }));
  const { exit } = await run('monitor', aCall(parameters), region);
  expect(exit).toBe('promoted');
  return region.story.filter((line) => line.includes('slot'));
} // prettier-ignore

const lost = { senders: [], lostSlots: ['ha_db2'] };

describe('the slot of a standby', () => {
  it('costs a healthy monitor nothing', async () => expect(await watch({})).toEqual([]));

  it('that has been given up is recorded first, then made anew', async () => {
    expect(await watch(lost)).toEqual(['set slot of db2 to lost', 'renew slot ha_db2']);
  });

  it('that was dropped and not created yet is created by the next monitor', async () => {
    expect(await watch({ senders: [], physicalSlots: [] }, 'lost')).toEqual(['renew slot ha_db2']);
  });

  it('is recorded until its node streams', async () => {
    expect(await watch({ senders: [] }, 'lost')).toEqual([]);
    expect(await watch({}, 'lost')).toEqual(['delete slot of db2']);
  });

  it('of somebody else is left alone, and so are all where no slots are wanted', async () => {
    expect(await watch({ senders: [], lostSlots: ['backup'] })).toEqual([]);
    expect(await watch(lost, undefined, { replication_slot_name: '' })).toEqual([]);
  });
});
