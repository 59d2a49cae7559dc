// A promotion that was never recorded, or whose record is lost: the data tell of it when their server runs again.
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../agent/run.ts';
import type { ClusterNode } from '../../../lib/pacemaker/cib.ts';
import { aCall, aNode, anAnswer, aSnapshot, aSnapshotOfEachState, PretendRegion } from './pretend-region.ts';

const timelineOf = (n: number, system = '7000000000000000001') => `0000000${n}-${system}`;

/** What a standby on timeline 3 that is recorded as out does about the record. */
async function recorded(action: 'start' | 'monitor', db2: ClusterNode, lock = true): Promise<readonly string[]> {
  const nodes = { db1: aNode('db1', { status: 'HS:alone', dataStatus: 'DISCONNECT' }), db2 };
  const region = new PretendRegion(
    aSnapshot({
      ...aSnapshotOfEachState.standby,
      session: { answer: anAnswer({ timeline: 3, walReceiver: false }) },
      lock,
      cluster: { nodes, quorate: true, fencing: true },
    }),
  );
  await run(action, aCall(), region);
  return region.story.filter((line) => line.includes('timeline'));
}

describe.each(['start', 'monitor'] as const)('at its %s, a standby whose data are of a later timeline', (action) => {
  const below = { dataStatus: 'LATEST', timeline: timelineOf(2) } as const;

  it('than any recorded one records it, even if it is out', async () => {
    expect(await recorded(action, aNode('db2', below))).toEqual([`set timeline of db1 to ${timelineOf(3)}`]);
  });

  it('records nothing where no promotion of it has begun', async () => {
    expect(await recorded(action, aNode('db2', below), false)).toEqual([]);
  });

  it('records nothing beside a primary, which others follow', async () => {
    expect(await recorded(action, aNode('db2', below, { role: 'Promoted' }))).toEqual([]);
  });

  it.each([
    ['where another has it recorded', aNode('db2', { timeline: timelineOf(3) })],
    ['where nothing is recorded yet', aNode('db2')],
    ['of another system', aNode('db2', { timeline: timelineOf(2, '7000000000000000002') })],
  ])('records nothing %s', async (_, db2) => expect(await recorded(action, db2)).toEqual([]));
});

it('from then on nobody below it is elected', async () => {
  const region = new PretendRegion(
    aSnapshot({
      ...aSnapshotOfEachState.standby,
      session: { answer: anAnswer({ timeline: 2, walReceiver: false }) },
      cluster: {
        nodes: { db1: aNode('db1', { dataStatus: 'LATEST' }), db2: aNode('db2', { timeline: timelineOf(3) }) },
        quorate: true,
        fencing: true,
      },
    }),
  );
  await run('monitor', aCall({ election: 'published' }), region);
  expect(region.reasons.at(-1)).toMatchObject({ code: 'BEHIND_TIMELINE', node: 'db2' });
});
