// A slot that was given up is made anew and recorded, until its node streams again.
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../agent/run.ts';
import type { InstanceAnswer } from '../../../lib/postgres/queries.ts';
import type { Snapshot } from '../../../agent/snapshot.ts';
import { aCall, anAnswer, aNode, aPrimary, aSnapshot, history, PretendRegion, streaming } from './pretend-region.ts';

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

  it('that was dropped by hand is recorded as missing and made, also while its node streams without it', async () => {
    expect(await watch({ senders: [], physicalSlots: [] })).toEqual([
      'set slot of db2 to missing',
      'create slot ha_db2',
    ]);
    expect(await watch({ senders: [], physicalSlots: [] }, 'missing')).toEqual(['create slot ha_db2']);
    expect(await watch({ physicalSlots: [] })).toEqual(['create slot ha_db2']);
    expect(await watch({}, 'missing')).toEqual(['delete slot of db2']);
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

describe('a standby beside a primary', () => {
  type Room = Partial<Pick<Snapshot, 'walRoom'>>;

  async function watchStandby(
    answer: Partial<InstanceAnswer>,
    parameters: Record<string, string> = {},
    room: Room = {},
  ) {
    const db1 = aNode('db1', { dataStatus: 'STREAMING|ASYNC', status: 'HS:async', score: '100' });
    const db2 = aNode('db2', { status: 'PRI' }, { role: 'Promoted' });
    const cluster = { nodes: { db1, db2 }, quorate: true, fencing: true };
    const session = { answer: anAnswer(answer) };
    const seen = {
      postmaster: { pid: 4711, status: 'ready' },
      standbySignal: true,
      session,
      cluster,
      ...room,
    } as const;
    const region = new PretendRegion(aSnapshot(seen));
    const end = await run('monitor', aCall({ replication_slot_name: 'ha', ...parameters }), region);
    expect(end.exit).toBe('success');
    return { story: region.story.filter((line) => line.includes('slot')), because: end.because?.code };
  }
  const strays = { strayLogicalSlots: ['app'] };
  const GB = 1024 ** 3;

  it('drops the slots of other nodes that it had as a primary', async () => {
    const had = { physicalSlots: ['ha_db2', 'backup'] };
    expect(await watchStandby(had)).toEqual({ story: ['drop slot ha_db2'], because: undefined });
  });

  it('leaves logical slots as they are, as long as there is room', async () => {
    const plenty = { walRoom: { freeBytes: 50 * GB, bytes: 100 * GB } };
    expect(await watchStandby(strays)).toEqual({ story: [], because: undefined });
    expect(await watchStandby(strays, {}, plenty)).toEqual({ story: [], because: undefined });
  });

  it('drops logical slots, and says so, before they fill the disk, or where a parameter wants it', async () => {
    const dropped = { story: ['drop slot app'], because: 'LOGICAL_SLOTS_DROPPED' };
    expect(await watchStandby(strays, {}, { walRoom: { freeBytes: 9 * GB, bytes: 100 * GB } })).toEqual(dropped);
    expect(await watchStandby(strays, { logical_slots: 'drop' })).toEqual(dropped);
  });

  it('takes no text for the name of a slot', async () => {
    const odd = { strayLogicalSlots: ["x'; drop table t; --"] };
    expect((await watchStandby(odd, { logical_slots: 'drop' })).story).toEqual([]);
  });
});
