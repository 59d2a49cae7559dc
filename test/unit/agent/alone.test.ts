// Going alone and coming back in sync mode: each order of steps is one of whose every prefix is safe.
import { describe, expect, it } from '@jest/globals';
import type { Call } from '../../../agent/call.ts';
import { withMembership } from '../../../agent/members.ts';
import { run, type End } from '../../../agent/run.ts';
import type { Snapshot } from '../../../agent/snapshot.ts';
import type { Cluster, ClusterNode } from '../../../lib/pacemaker/cib.ts';
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

const call = aCall({ rep_mode: 'sync' });
const primaryNode = aNode('db1', { status: 'PRI', dataStatus: 'LATEST', timeline: history });
const lostNode = (changes: Partial<ClusterNode> = {}) =>
  aNode('db2', { score: '100', dataStatus: 'STREAMING|SYNC' }, changes);

/** A primary that waits for db2, which does not stream. */
function waitingFor(node: ClusterNode, cluster: { quorate?: boolean; fencing?: boolean } = {}): Snapshot {
  return aSnapshot({
    ...aSnapshotOfEachState.primary,
    session: { answer: aPrimary({ senders: [], synchronousStandbyNames: '"db2"' }) },
    cluster: { nodes: { db1: primaryNode, db2: node }, quorate: true, fencing: true, ...cluster },
    syncNames: ['db2'],
  });
}

async function play(
  found: Snapshot,
  {
    with: as = call,
    action = 'monitor' as const,
    answering = ['db2'],
  }: {
    with?: Call;
    action?: 'monitor' | 'promote';
    answering?: readonly string[];
  } = {},
): Promise<{ story: readonly string[]; end: End }> {
  const region = new PretendRegion(found);
  region.answering = answering;
  const end = await run(action, as, region);
  return { story: region.story, end };
}

const alone = ['write rep_mode.conf', 'reload server'];
const out = { online: false, inMembership: false };

describe('a primary whose synchronous standby is gone', () => {
  it('goes alone when the standby’s node has confirmed the record', async () => {
    const { story } = await play(waitingFor(lostNode()));
    expect(story).toEqual(['set dataStatus of db2 to DISCONNECT', 'set score of db2 to -INFINITY', ...alone]);
  });

  it('waits while it has not, and says for whom', async () => {
    const { story, end } = await play(waitingFor(lostNode()), { answering: [] });
    expect(story).not.toContain(alone[0]);
    expect(story.at(-1)).toBe('set waiting of db1 to db2 since 1700000000: db2 has not confirmed the record');
    expect(end.exit).toBe('promoted');
  });

  it('goes alone when the node has been fenced or shut down', async () => {
    const { story } = await play(waitingFor(lostNode({ ...out, expected: 'down' })), { answering: [] });
    expect(story).toEqual(['set dataStatus of db2 to DISCONNECT', ...alone]);
  });

  const doubts: readonly (readonly [string, Snapshot, string])[] = [
    ['is lost and not fenced', waitingFor(lostNode({ ...out, expected: 'member' })), 'db2 is lost and not fenced yet'],
    ['has no state in the CIB', waitingFor(lostNode({ ...out, expected: undefined })), 'db2 is lost and not fenced yet'],
    ['has Corosync but no Pacemaker', waitingFor(lostNode({ online: false, expected: 'down' })), 'Pacemaker on db2'],
    ['is out of a partition without quorum', waitingFor(lostNode({ ...out, expected: 'down' }), { quorate: false }), 'no quorum'],
    ['is out of a cluster without fencing', waitingFor(lostNode({ ...out, expected: 'down' }), { fencing: false }), 'fencing is off'],
  ]; // prettier-ignore

  it.each(doubts)('records nothing and waits for one that %s', async (_, found, why) => {
    const { story } = await play(found);
    expect(story).toHaveLength(1);
    expect(story[0]).toMatch(/^set waiting of db1 to db2 since 1700000000: /);
    expect(story[0]).toContain(why);
  });

  it('keeps the time since when commits wait, and takes the attribute back', async () => {
    const told = {
      ...primaryNode.attributes.reboot,
      'pg-waits-for': 'db2 since 1600000000: db2 is lost and not fenced yet',
    };
    const telling = { ...primaryNode, attributes: { ...primaryNode.attributes, reboot: told } };
    const lost = waitingFor(lostNode({ ...out, expected: 'member' }));
    const nodes = (node: ClusterNode) => ({ nodes: { db1: telling, db2: node }, quorate: true, fencing: true });
    expect((await play({ ...lost, cluster: nodes(lostNode({ ...out, expected: 'member' })) })).story).toEqual([]);
    const fenced = await play({ ...lost, cluster: nodes(lostNode({ ...out, expected: 'down' })) });
    expect(fenced.story).toContain('delete waiting of db1');
  });

  it('goes alone as soon as it is fenced, although the server still waits for an answer from it', async () => {
    const stale = [{ applicationName: 'db2', state: 'STREAMING', syncState: 'SYNC', flushed: 0x2000000n }];
    const session = { answer: aPrimary({ senders: stale, synchronousStandbyNames: '"db2"' }) };
    const fenced = { ...waitingFor(lostNode({ ...out, expected: 'down' })), session };
    expect((await play(fenced, { answering: [] })).story).toEqual(['set dataStatus of db2 to DISCONNECT', ...alone]);
    const lost = { ...waitingFor(lostNode({ ...out, expected: 'member' })), session };
    expect((await play(lost, { answering: [] })).story).toEqual([
      'set waiting of db1 to db2 since 1700000000: db2 is lost and not fenced yet',
    ]);
  });

  it('goes alone at once with go_alone=unproven, as pgsql', async () => {
    const found = waitingFor(lostNode({ ...out, expected: 'member' }));
    const { story } = await play(found, { with: aCall({ rep_mode: 'sync', go_alone: 'unproven' }) });
    expect(story).toEqual(['set dataStatus of db2 to DISCONNECT', ...alone]);
  });
});

describe('a standby that comes back', () => {
  const back = (flushed: bigint, checkpointerIdle = true) =>
    aSnapshot({
      ...aSnapshotOfEachState.primary,
      session: {
        answer: aPrimary({
          senders: [{ applicationName: 'db2', state: 'STREAMING', syncState: 'SYNC', flushed }],
          synchronousStandbyNames: '"db2"',
          checkpointerIdle,
        }),
      },
      cluster: {
        nodes: { db1: primaryNode, db2: aNode('db2', { score: '-INFINITY', dataStatus: 'STREAMING|ASYNC' }) },
        quorate: true,
        fencing: true,
      },
      syncNames: ['db2'],
    });

  it('is recorded as synchronous when it has what was written before commits waited for it', async () => {
    const { story } = await play(back(0x3000000n));
    expect(story).toEqual([
      'set syncPoint of db2 to 0000000003000000',
      'set dataStatus of db2 to STREAMING|SYNC',
      'set score of db2 to 100',
      'set status of db2 to HS:sync',
      'delete syncPoint of db2',
    ]);
  });

  it('is not, while it lacks some', async () => {
    const { story, end } = await play(back(0x2ffffffn));
    expect(story).toEqual(['set syncPoint of db2 to 0000000003000000']);
    expect(end).toMatchObject({ exit: 'promoted', because: { code: 'SETTLING' } });
  });

  it('is not, while the checkpointer may not have told the backends to wait', async () => {
    expect((await play(back(0x3000000n, false))).story).toEqual([]);
  });
});

describe('a promotion in sync mode', () => {
  const standby = (db2: ClusterNode, db1 = aNode('db1', { score: '100', dataStatus: 'STREAMING|SYNC' })) =>
    aSnapshot({
      ...aSnapshotOfEachState.standby,
      cluster: { nodes: { db1, db2 }, quorate: true, fencing: true },
    });
  const old = aNode('db2', { dataStatus: 'LATEST' }, { ...out, expected: 'down' });

  it('begins when no peer can be promoted any more', async () => {
    const { story, end } = await play(standby(old), { action: 'promote' });
    expect(end.exit).toBe('success');
    expect(story.slice(1, 3)).toEqual(['set dataStatus of db2 to DISCONNECT', 'write PGSQL.lock']);
  });

  it('is refused while a peer might be', async () => {
    const { story, end } = await play(standby({ ...old, expected: 'member' }), { action: 'promote' });
    expect(end).toMatchObject({ exit: 'generic', because: { code: 'UNPROVEN', peer: 'db2' } });
    expect(story).not.toContain('promote server');
  });

  it.each([
    ['below the highest timeline', '00000002-7000000000000000001', 'BEHIND_TIMELINE'],
    ['of another system', '00000001-7000000000000000002', 'FOREIGN_SYSTEM'],
  ])('is refused to a node %s', async (_, timeline, code) => {
    const found = standby(aNode('db2', { dataStatus: 'LATEST', timeline }, { ...out, expected: 'down' }));
    const { story, end } = await play(found, { action: 'promote' });
    expect(end).toMatchObject({ exit: 'generic', because: { code } });
    expect(story).toEqual(['set score of db1 to -INFINITY']);
  });
});

describe('a promotion in async mode', () => {
  const as = aCall();
  const standby = (db2: ClusterNode, cluster: Partial<Cluster> = {}) =>
    aSnapshot({
      ...aSnapshotOfEachState.standby,
      cluster: {
        nodes: { db1: aNode('db1', { score: '100', dataStatus: 'STREAMING|ASYNC' }), db2 },
        ...{ quorate: true, fencing: true, ...cluster },
      },
    });
  const old = { dataStatus: 'LATEST' } as const;
  const intent = `set promoting of db1 to ${history} db1=STREAMING|ASYNC db2=LATEST`;
  const both = (db1: ClusterNode, db2: ClusterNode) => ({ nodes: { db1, db2 }, quorate: true, fencing: true });
  const promote = (found: Snapshot, answering: readonly string[] = [], with_ = as) =>
    play(found, { action: 'promote', answering, with: with_ });

  it('begins when every member’s own copy has the records, and writes what pgsql writes', async () => {
    const { story, end } = await promote(standby(aNode('db2', old)), ['db2']);
    expect(end.exit).toBe('success');
    expect(story.slice(0, 3)).toEqual([intent, 'set dataStatus of db2 to DISCONNECT', 'write PGSQL.lock']);
  });

  it('does not begin when the quorum is lost that it was ordered with, unless Pacemaker ignores that', async () => {
    const gone = standby(aNode('db2', old, { ...out, expected: 'down' }), { quorate: false });
    const { story, end } = await promote(gone);
    expect(end).toMatchObject({ exit: 'generic', because: { code: 'UNPROVEN', why: 'no quorum' } });
    expect(story).not.toContain('promote server');
    const ignoring = standby(aNode('db2', old, { ...out, expected: 'down' }), { quorate: false, ignoresQuorum: true });
    expect((await promote(ignoring)).end.exit).toBe('success');
  });

  it('is refused while a member does not answer: it may be promoted too', async () => {
    const { story, end } = await promote(standby(aNode('db2', old)));
    expect(end).toMatchObject({ exit: 'generic', because: { code: 'UNPROVEN', peer: 'db2' } });
    expect(story).toEqual([intent, 'set dataStatus of db2 to DISCONNECT']);
  });

  it('is done as by pgsql without fencing, or with go_alone=unproven', async () => {
    expect((await promote(standby(aNode('db2', old), { fencing: false }))).end.exit).toBe('success');
    expect((await promote(standby(aNode('db2', old)), [], aCall({ go_alone: 'unproven' }))).end.exit).toBe('success');
  });

  it('is refused to a node that was recorded as out, whatever its score, unless a person has given their word', async () => {
    const gone = aNode('db2', old, { ...out, expected: 'down' });
    const own = { score: '1000', dataStatus: 'DISCONNECT' } as const;
    const found = (db1: ClusterNode) => aSnapshot({ ...standby(gone), cluster: both(db1, gone) });
    const { story, end } = await promote(found(aNode('db1', own)));
    expect(end).toMatchObject({ exit: 'generic', because: { code: 'OUT_OF_DATE' } });
    expect(story).toEqual(['set score of db1 to -INFINITY']);
    expect((await promote(found(aNode('db1', { ...own, acceptLoss: 'all' })))).end.exit).toBe('success');
  });

  it('gives up when a member knows of another promotion', async () => {
    const region = new PretendRegion(standby(aNode('db2', old)));
    region.look = () => {
      const peerRecords = { db2: { db1: 'DISCONNECT', db2: 'DISCONNECT' } };
      return Promise.resolve({ ...region.now, peerRecords });
    };
    const end = await run('promote', as, region);
    expect(end).toMatchObject({ exit: 'generic', because: { code: 'UNPROVEN', peer: 'db2' } });
    expect(region.story).toEqual([intent, 'set dataStatus of db2 to DISCONNECT', 'set score of db1 to -INFINITY']);
  });

  it('goes on when the silent member turns out to be fenced', async () => {
    const region = new PretendRegion(standby(aNode('db2', old)));
    region.answering = [];
    const { look } = region;
    let looks = 0;
    region.look = async () => {
      const { now } = region;
      const fenced = aNode('db2', { dataStatus: 'DISCONNECT' }, { ...out, expected: 'down' });
      if (++looks === 5 && now.cluster !== undefined)
        region.now = {
          ...now,
          cluster: withMembership(now.cluster, { ...now.cluster, nodes: { ...now.cluster.nodes, db2: fenced } }),
        };
      return look();
    };
    expect((await run('promote', as, region)).exit).toBe('success');
  });
});

describe('who is a member, asked again', () => {
  const cluster = (db2: ClusterNode) => ({ nodes: { db2 }, quorate: true, fencing: true });
  const known = cluster(aNode('db2', { score: '-INFINITY', dataStatus: 'DISCONNECT' }));

  it('keeps what this call has written', () => {
    const now = cluster(aNode('db2', { score: '100', dataStatus: 'STREAMING|ASYNC' }));
    expect(withMembership(known, now)).toEqual(known);
  });

  it('forgets what went with a node that left', () => {
    const now = cluster(aNode('db2', { dataStatus: 'STREAMING|ASYNC' }, { ...out, expected: 'down' }));
    const left = aNode('db2', { dataStatus: 'DISCONNECT' }, { ...out, expected: 'down' });
    expect(withMembership(known, now)).toEqual(cluster(left));
  });
});

describe('a quorum of standbys', () => {
  const three = aCall({ rep_mode: 'sync', node_list: 'db1 db2 db3', synchronous_standbys: '1', election: 'published' });
  const sender = (name: string, syncState: string) => ({
    applicationName: name,
    state: 'STREAMING',
    syncState,
    flushed: 0x3000000n,
  });
  const found = (
    [db2, db3]: readonly [ClusterNode, ClusterNode],
    senders: ReturnType<typeof sender>[],
    names: readonly string[],
  ) =>
    aSnapshot({
      ...aSnapshotOfEachState.primary,
      session: {
        answer: aPrimary({
          senders,
          synchronousStandbyNames: `ANY 1 (${names.map((name) => `"${name}"`).join(', ')})`,
        }),
      },
      cluster: { nodes: { db1: primaryNode, db2, db3 }, quorate: true, fencing: true },
      syncNames: names,
    });

  it('records another one that may confirm before it may, and leaves the choice to an election', async () => {
    const db2 = aNode('db2', { score: '100', status: 'HS:sync', dataStatus: 'STREAMING|QUORUM' });
    const db3 = aNode('db3', { score: '-INFINITY', status: 'HS:async', dataStatus: 'STREAMING|ASYNC' });
    const { story } = await play(found([db2, db3], [sender('db2', 'QUORUM'), sender('db3', 'ASYNC')], ['db2']), {
      with: three,
      answering: ['db2', 'db3'],
    });
    const order = ['set dataStatus of db3 to STREAMING|QUORUM', 'write rep_mode.conf'].map((line) =>
      story.indexOf(line),
    );
    expect(order.every((at) => at >= 0)).toBe(true);
    expect(order[0]).toBeLessThan(order[1] ?? -1);
    expect(story).toContain('set score of db2 to -INFINITY');
  });

  it('records no other one while those it waits for catch up (they alone may have to confirm)', async () => {
    const db2 = aNode('db2', { score: '-INFINITY', dataStatus: 'STREAMING|ASYNC' });
    const db3 = aNode('db3', { score: '-INFINITY', dataStatus: 'DISCONNECT' });
    const behind = { ...sender('db2', 'QUORUM'), flushed: 0x2000000n };
    const { story } = await play(found([db2, db3], [behind, sender('db3', 'ASYNC')], ['db2']), {
      with: three,
      answering: ['db2', 'db3'],
    });
    expect(story).not.toContain('set dataStatus of db3 to STREAMING|QUORUM');
    expect(story).not.toContain('write rep_mode.conf');
  });

  it('elects nobody while the one that confirmed may be absent, and says whom it waits for', async () => {
    const voter = (name: string, changes: Partial<ClusterNode> = {}) =>
      aNode(name, { dataStatus: 'STREAMING|QUORUM' }, changes);
    const dead = aNode('db3', { dataStatus: 'LATEST' }, { ...out, expected: 'down' });
    const db2 = voter('db2', { ...out, expected: 'down' });
    const alonely = aSnapshot({
      ...aSnapshotOfEachState.standby,
      session: { answer: anAnswer({ walReceiver: false }) },
      cluster: { nodes: { db1: voter('db1'), db2, db3: dead }, quorate: true, fencing: true },
    });
    const { end, story } = await play(alonely, { with: three });
    expect(end).toMatchObject({ exit: 'success', because: { code: 'VOTERS_MISSING', nodes: 'db2' } });
    expect(story).not.toContain('set score of db1 to 1000');
  });
});
