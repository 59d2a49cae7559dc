// Growing, shrinking and electing with several voters: orders of steps that the simulator has found to matter.
import { expect, it } from '@jest/globals';
import { run, type End } from '../../../agent/run.ts';
import type { Snapshot } from '../../../agent/snapshot.ts';
import type { ClusterNode } from '../../../lib/pacemaker/cib.ts';
import {
  aCall,
  aNode,
  anAnswer,
  aPrimary,
  aSnapshot,
  aSnapshotOfEachState,
  history,
  PretendRegion,
} from './pretend-region.ts';

const call = aCall({ rep_mode: 'sync', node_list: 'db1 db2 db3', synchronous_standbys: '1', election: 'published' });
const primary = aNode('db1', { status: 'PRI', dataStatus: 'LATEST', timeline: history });
const voter = (name: string, changes: Partial<ClusterNode> = {}) =>
  aNode(name, { dataStatus: 'STREAMING|QUORUM' }, changes);
const follower = (name: string) => aNode(name, { dataStatus: 'STREAMING|ASYNC' });
const lost = { online: false, inMembership: false, expected: 'member' } as const;
const fenced = { ...lost, expected: 'down' } as const;

function region(nodes: Readonly<Record<string, ClusterNode>>): Pick<Snapshot, 'cluster'> {
  return { cluster: { nodes, quorate: true, fencing: true } };
}

type Row = readonly [name: string, syncState: string];

function aPrimaryOf(nodes: readonly [ClusterNode, ClusterNode], rows: readonly Row[]): Snapshot {
  const senders = rows.map(([applicationName, syncState]) => ({
    ...{ applicationName, syncState, state: 'STREAMING', flushed: 0x2000000n },
  }));
  return aSnapshot({
    ...aSnapshotOfEachState.primary,
    session: { answer: aPrimary({ senders, synchronousStandbyNames: 'ANY 1 ("db2")' }) },
    ...region({ db1: primary, db2: nodes[0], db3: nodes[1] }),
    syncNames: ['db2'],
  });
}

function aStandbyOf(nodes: Readonly<Record<string, ClusterNode>>): Snapshot {
  return aSnapshot({
    ...aSnapshotOfEachState.standby,
    session: { answer: anAnswer({ walReceiver: false }) },
    ...region(nodes),
  });
}

async function play(
  found: Snapshot,
  {
    answering = ['db2', 'db3'],
    action = 'monitor',
  }: { answering?: readonly string[]; action?: 'monitor' | 'promote' } = {},
): Promise<{ story: readonly string[]; end: End }> {
  const pretended = new PretendRegion(found);
  pretended.answering = answering;
  const end = await run(action, call, pretended);
  return { story: pretended.story, end };
}

it('takes no second voter before the first has caught up', async () => {
  const rows = [['db2', 'QUORUM'], ['db3', 'ASYNC']] as const; // prettier-ignore
  const { story } = await play(aPrimaryOf([follower('db2'), follower('db3')], rows));
  expect(story).not.toContain('set dataStatus of db3 to STREAMING|QUORUM');
  expect(story).not.toContain('write rep_mode.conf');
});

it('does not wait for a new voter before every member knows that it is one', async () => {
  const rows = [['db2', 'QUORUM'], ['db3', 'ASYNC']] as const; // prettier-ignore
  const { story } = await play(aPrimaryOf([voter('db2'), follower('db3')], rows), { answering: ['db3'] });
  expect(story).toContain('set dataStatus of db3 to STREAMING|QUORUM');
  expect(story).not.toContain('write rep_mode.conf');
});

it('does not go alone while a voter that is not named is recorded', async () => {
  const { story } = await play(aPrimaryOf([voter('db2'), voter('db3')], []));
  expect(story.at(-1)).toBe('set waiting of db1 to db2 since 1700000000: db3 may have what no other standby has');
  expect(story).not.toContain('write rep_mode.conf');
});

it('publishes no position while the primary may live, and takes back what it has published', async () => {
  const db1 = aNode('db1', { dataStatus: 'STREAMING|QUORUM', xlogLoc: '0000000003000000', history });
  const found = (db3: ClusterNode) => aStandbyOf({ db1, db2: voter('db2'), db3 });
  const { story, end } = await play(found(aNode('db3', { dataStatus: 'LATEST' }, lost)));
  expect(end).toMatchObject({ exit: 'success', because: { code: 'UNPROVEN', peer: 'db3' } });
  expect(story).toEqual(expect.arrayContaining(['delete xlogLoc of db1', 'delete history of db1']));
  const after = await play(found(aNode('db3', { dataStatus: 'LATEST' }, fenced)));
  expect(after.story).not.toContain('delete xlogLoc of db1');
});

it('says that a promotion has begun before it records the first voter as out of date', async () => {
  const values = { dataStatus: 'STREAMING|QUORUM', xlogLoc: '0000000003000000', history };
  const found = aStandbyOf({
    db1: aNode('db1', values),
    db2: aNode('db2', values, { role: 'Unpromoted' }),
    db3: aNode('db3', { dataStatus: 'LATEST' }, fenced),
  });
  const { story, end } = await play(found, { action: 'promote' });
  expect(end.exit).toBe('success');
  expect(story[0]).toBe(`set promoting of db1 to ${history} db1=STREAMING|QUORUM db2=STREAMING|QUORUM db3=LATEST`);
  expect(story.indexOf('delete promoting of db1')).toBeGreaterThan(story.indexOf('promote server'));
});

it('elects nobody but the node whose promotion has begun', async () => {
  const begun = aNode('db2', { dataStatus: 'LATEST', promoting: 'yes' }, fenced);
  const db3 = aNode('db3', { dataStatus: 'DISCONNECT' });
  const { story, end } = await play(aStandbyOf({ db1: voter('db1'), db2: begun, db3 }));
  expect(end).toMatchObject({ exit: 'success', because: { code: 'VOTERS_MISSING', nodes: 'db2' } });
  expect(story).not.toContain('set score of db1 to 1000');
});
