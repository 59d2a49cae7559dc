// A promotion that fails leaves the region electable.
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../agent/run.ts';
import type { Snapshot } from '../../../agent/snapshot.ts';
import { aCall, aNode, aSnapshotOfEachState, PretendRegion } from './pretend-region.ts';

const on = (n: number) => `0000000${n}-7000000000000000001`;
const intent = `${on(2)} db2=LATEST`;

function failed(changes: Partial<Snapshot> = {}, dataStatus = 'STREAMING|ASYNC'): Snapshot {
  const nodes = {
    db1: aNode('db1', { dataStatus, promoting: intent }),
    db2: aNode('db2', { dataStatus: 'DISCONNECT', timeline: on(2) }),
  };
  const cluster = { nodes, quorate: true, fencing: true };
  return { ...aSnapshotOfEachState.stopped, standbySignal: true, lock: true, walTimeline: 2, cluster, ...changes };
}

async function play(found: Snapshot, action: 'stop' | 'demote' | 'start' = 'stop', parameters = {}) {
  const region = new PretendRegion(found);
  await run(action, aCall(parameters), region);
  return region.story;
}

describe('after a promotion that did not happen', () => {
  it.each(['stop', 'demote', 'start'] as const)('%s takes back what was recorded of the others', async (action) => {
    const found = failed({ evidence: { verdict: 'no primary', because: 'no answer' } });
    const story = await play(found, action);
    expect(story.slice(0, 3)).toEqual([
      'set dataStatus of db2 to LATEST',
      'remove PGSQL.lock',
      'delete promoting of db1',
    ]);
  });

  it('the record stays where the promotion has happened, and is completed', async () => {
    const story = await play(failed({ walTimeline: 3 }));
    expect(story.slice(0, 2)).toEqual([`set timeline of db1 to ${on(3)}`, 'delete promoting of db1']);
    expect(story.join()).not.toContain('dataStatus');
  });

  it('the data are marked where they went on without the cluster’s order', async () => {
    const story = await play(failed({ walTimeline: 3, lock: false }));
    expect(story.slice(0, 2)).toEqual(['set dataStatus of db2 to LATEST', 'write PGSQL.lock']);
  });

  it.each([
    ['another node was promoted since', failed({}, 'DISCONNECT')],
    ['another timeline is recorded', failed({ cluster: later() })],
  ])('nothing is taken back where %s', async (_, found) => {
    const story = await play(found);
    expect(story.join()).not.toContain('dataStatus');
    expect(story).toContain('delete promoting of db1');
  });

  it.each([
    ['the WAL files are not known', failed({ walTimeline: undefined }), {}],
    ['a promotion keeps the timeline', failed(), { restart_on_promote: 'true' }],
  ])('nothing is decided where %s', async (_, found, parameters) => {
    const story = await play(found, 'stop', parameters);
    expect(story.join()).not.toMatch(/dataStatus|promoting/);
  });
});

function later(): NonNullable<Snapshot['cluster']> {
  const nodes = {
    db1: aNode('db1', { dataStatus: 'STREAMING|ASYNC', promoting: intent }),
    db2: aNode('db2', { dataStatus: 'LATEST', timeline: on(3) }),
  };
  return { nodes, quorate: true, fencing: true };
}

it('a word that was withdrawn leaves the node as it was: out', async () => {
  const nodes = {
    db1: aNode('db1', { dataStatus: 'DISCONNECT', acceptLoss: 'all' }, { role: 'Unpromoted' }),
    db2: aNode(
      'db2',
      { dataStatus: 'LATEST', timeline: on(1) },
      { online: false, inMembership: false, expected: 'member' },
    ),
  };
  const cluster = { nodes, quorate: true, fencing: true };
  const region = new PretendRegion({ ...aSnapshotOfEachState.standby, cluster });
  expect((await run('promote', aCall(), region)).exit).toBe('generic'); // db2 is lost, and may live
  region.now = {
    ...region.now,
    ...aSnapshotOfEachState.stopped,
    standbySignal: true,
    walTimeline: 1,
    cluster: region.now.cluster,
  };
  await run('stop', aCall(), region);
  const values = (node: string) => region.now.cluster?.nodes[node]?.attributes.forever;
  expect(values('db1')).toEqual({ 'pg-data-status': 'DISCONNECT' });
  expect(values('db2')).toEqual({ 'pg-data-status': 'LATEST', 'pg-timeline': on(1) });
});
