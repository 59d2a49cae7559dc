// A server that runs as a primary is not thereby the region's primary.
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../agent/run.ts';
import type { Snapshot } from '../../../agent/snapshot.ts';
import type { ClusterNode } from '../../../lib/pacemaker/cib.ts';
import { aCall, aNode, aPrimary, aSnapshotOfEachState, PretendRegion } from './pretend-region.ts';

const timelineOf = (n: number) => `0000000${n}-7000000000000000001`;
const probe = { OCF_RESKEY_CRM_meta_interval: '0' };
const promoted = { role: 'Promoted' } as const;

type Found = {
  readonly db1: ClusterNode;
  readonly db2: ClusterNode;
  readonly timeline: number;
  readonly lock?: boolean;
};

function seen({ db1, db2, timeline, lock = false }: Found): Snapshot {
  const cluster = { nodes: { db1, db2 }, quorate: true, fencing: true };
  return { ...aSnapshotOfEachState.primary, session: { answer: aPrimary({ timeline, senders: [] }) }, lock, cluster };
}

async function watch(found: Snapshot, env: Record<string, string> = {}, mode = 'async') {
  const region = new PretendRegion(found);
  const end = await run('monitor', aCall({ rep_mode: mode }, env), region);
  return { end, story: region.story };
}

const old: Found = {
  db1: aNode('db1', { dataStatus: 'DISCONNECT', timeline: timelineOf(1) }),
  db2: aNode('db2', { dataStatus: 'LATEST', timeline: timelineOf(2) }, promoted),
  timeline: 1,
};

const rogues: readonly (readonly [string, Found])[] = [
  ['the old primary, started by something else, beside its successor', old],
  [
    'a standby that was promoted by hand, beside the primary',
    {
      db1: aNode('db1', { dataStatus: 'STREAMING|ASYNC' }, { role: 'Unpromoted' }),
      db2: aNode('db2', { dataStatus: 'LATEST', timeline: timelineOf(1) }, promoted),
      timeline: 2,
    },
  ],
  [
    'the old primary, while its successor has left',
    {
      db1: aNode('db1', { dataStatus: 'DISCONNECT', timeline: timelineOf(1) }),
      db2: aNode('db2', { dataStatus: 'LATEST', timeline: timelineOf(2) }, { online: false }),
      timeline: 1,
    },
  ],
  [
    'a standby that was promoted by hand, after the primary was lost',
    {
      db1: aNode('db1', { dataStatus: 'STREAMING|SYNC' }),
      db2: aNode('db2', { dataStatus: 'LATEST', timeline: timelineOf(1) }, { online: false }),
      timeline: 2,
    },
  ],
  [
    'a standby of a primary whose promotions are not recorded, as pgsql leaves them',
    {
      db1: aNode('db1', { dataStatus: 'STREAMING|ASYNC' }, { role: 'Unpromoted' }),
      db2: aNode('db2', { dataStatus: 'LATEST' }, promoted),
      timeline: 2,
    },
  ],
];

describe.each(['async', 'sync'])('in mode %s', (mode) => {
  describe.each([
    ['a probe', probe],
    ['a monitor', {}],
  ])('%s', (_, env) => {
    it.each(rogues)('reports %s as failed, and writes nothing of another node', async (__, found) => {
      const { end, story } = await watch(seen(found), env, mode);
      expect(end).toMatchObject({ exit: 'generic', because: { code: 'ROGUE_PRIMARY' } });
      expect(story).toEqual(['set score of db1 to -INFINITY', 'write PGSQL.lock']);
    });

    it('keeps the lock of a former primary as it is', async () => {
      const { story } = await watch(seen({ ...old, lock: true }), env, mode);
      expect(story).toEqual(['set score of db1 to -INFINITY']);
    });
  });
});

const primaries: readonly (readonly [string, Found])[] = [
  [
    'after a restart of the cluster in maintenance mode',
    {
      db1: aNode('db1', { dataStatus: 'LATEST', timeline: timelineOf(2) }),
      db2: aNode('db2', { dataStatus: 'STREAMING|ASYNC' }),
      timeline: 2,
    },
  ],
  ['that no cluster has ever promoted', { db1: aNode('db1'), db2: aNode('db2'), timeline: 5 }],
  [
    'that pgsql has promoted, and whose record of ours is older',
    {
      db1: aNode('db1', { dataStatus: 'LATEST', timeline: timelineOf(2) }),
      db2: aNode('db2', { dataStatus: 'STREAMING|ASYNC', timeline: timelineOf(3) }),
      timeline: 5,
    },
  ],
  [
    'whose promotion was killed before it was recorded',
    {
      db1: aNode('db1', { dataStatus: 'STREAMING|ASYNC', promoting: `${timelineOf(1)} db2=LATEST` }),
      db2: aNode('db2', { dataStatus: 'DISCONNECT', timeline: timelineOf(1) }, { online: false }),
      timeline: 2,
      lock: true,
    },
  ],
];

describe('a probe takes over a primary', () => {
  it.each(primaries)('%s', async (_, found) => {
    const { end, story } = await watch(seen(found), probe);
    expect(end.exit).toBe('promoted');
    expect(story).toContain('set score of db1 to 1000');
  });
});

it('the promoted instance fails where a later promotion is recorded, whether its node is here or not', async () => {
  const db1 = aNode('db1', { dataStatus: 'LATEST', timeline: timelineOf(2) }, promoted);
  const db2 = aNode('db2', { timeline: timelineOf(7) }, { online: false });
  expect((await watch(seen({ db1, db2, timeline: 2 }))).end).toMatchObject({ because: { code: 'ROGUE_PRIMARY' } });
});

it('a probe without quorum takes over no primary, whatever its own copy of the records tells', async () => {
  const db1 = aNode('db1', { dataStatus: 'LATEST', timeline: timelineOf(2) });
  const found = seen({ db1, db2: aNode('db2', { dataStatus: 'STREAMING|SYNC' }, { online: false }), timeline: 2 });
  const blind = { ...found, cluster: { nodes: {}, fencing: true, ...found.cluster, quorate: false } };
  expect((await watch(blind, probe)).end).toMatchObject({ because: { code: 'ROGUE_PRIMARY' } });
  expect((await watch({ ...blind, cluster: { ...blind.cluster, ignoresQuorum: true } }, probe)).end.exit).toBe(
    'promoted',
  );
});

it('the lock of an earlier promotion speaks for no server that something else has started', async () => {
  const db1 = aNode('db1', { dataStatus: 'DISCONNECT', timeline: timelineOf(2) });
  const db2 = aNode('db2', { dataStatus: 'STREAMING|SYNC', promoting: `${timelineOf(2)} db1=LATEST` });
  const { end } = await watch(seen({ db1, db2, timeline: 2, lock: true }), probe);
  expect(end).toMatchObject({ because: { code: 'ROGUE_PRIMARY' } });
});

it('in sync mode a probe that takes over a primary records the others as out first', async () => {
  const db1 = aNode('db1', { dataStatus: 'LATEST', timeline: timelineOf(2) });
  const db2 = aNode('db2', { dataStatus: 'STREAMING|SYNC', score: '100' });
  const { end, story } = await watch(seen({ db1, db2, timeline: 2 }), probe, 'sync');
  expect(end.exit).toBe('promoted');
  expect(story.slice(0, 4)).toEqual([
    'set promoting of db1 to yes', // others wait, should this end between two records
    'set dataStatus of db2 to DISCONNECT',
    'set score of db2 to -INFINITY',
    'set score of db1 to 1000',
  ]);
  expect(story).toContain('delete promoting of db1');
});

it('of two promoted instances the one of the earlier promotion fails', async () => {
  const db1 = aNode('db1', { dataStatus: 'LATEST', timeline: timelineOf(2) }, promoted);
  const db2 = aNode('db2', { dataStatus: 'LATEST', timeline: timelineOf(3) }, promoted);
  expect((await watch(seen({ db1, db2, timeline: 2 }))).end).toMatchObject({ because: { code: 'ROGUE_PRIMARY' } });
});

it('promote does not make a primary of what was promoted by hand', async () => {
  const db1 = aNode('db1', { dataStatus: 'STREAMING|ASYNC' }, { role: 'Unpromoted' });
  const db2 = aNode('db2', { dataStatus: 'LATEST', timeline: timelineOf(1) }, { online: false, expected: 'down' });
  const region = new PretendRegion(seen({ db1, db2, timeline: 2 }));
  const end = await run('promote', aCall(), region);
  expect(end).toMatchObject({ exit: 'generic', because: { code: 'ROGUE_PRIMARY' } });
  expect(region.story).toEqual([]);
});

describe('what ended as a primary without a promotion', () => {
  const db1 = aNode('db1', { dataStatus: 'STREAMING|ASYNC' }, { role: 'Unpromoted' });
  const db2 = aNode('db2', { dataStatus: 'LATEST', timeline: timelineOf(1) }, { online: false });
  const cluster = { nodes: { db1, db2 }, quorate: true, fencing: true };

  it.each(['stop', 'demote'] as const)('is marked by %s, and not started as a standby unseen', async (action) => {
    const region = new PretendRegion({ ...aSnapshotOfEachState.primary, cluster });
    await run(action, aCall({ demote_to: 'standby' }, { OCF_RESKEY_CRM_meta_notify_slave_uname: ' ' }), region);
    expect(region.story).toContain('write PGSQL.lock');
    expect(region.story.join()).not.toMatch(/remove PGSQL.lock|start server|handover/);
  });

  it('is started as a standby that follows nothing, while there is no primary to compare with', async () => {
    const stopped = { ...aSnapshotOfEachState.stopped, lock: true, rogueLock: true, cluster };
    const region = new PretendRegion({ ...stopped, evidence: { verdict: 'no primary', because: 'no answer' } });
    await run('start', aCall(), region);
    expect(region.story).toContain('start server (isolated)');
    expect(region.story).not.toContain('remove PGSQL.lock');
  });

  it('is restarted when there is a primary to compare with', async () => {
    const nodes = { db1, db2: aNode('db2', { dataStatus: 'LATEST' }, promoted) };
    const found = { ...aSnapshotOfEachState.standby, lock: true, rogueLock: true, cluster: { ...cluster, nodes } };
    expect(await run('monitor', aCall(), new PretendRegion(found))).toMatchObject({
      exit: 'generic',
      because: { code: 'COMPARE_FIRST' },
    });
  });
});

describe('a server without a free connection that runs as a primary', () => {
  const full = (db1: ClusterNode, db2: ClusterNode): Snapshot => ({
    ...aSnapshotOfEachState.full,
    cluster: { nodes: { db1, db2 }, quorate: true, fencing: true },
  });
  const standby = aNode('db1', { dataStatus: 'STREAMING|ASYNC' }, { role: 'Unpromoted' });

  it('fails beside the primary', async () => {
    const { end } = await watch(full(standby, aNode('db2', { dataStatus: 'LATEST' }, promoted)));
    expect(end).toMatchObject({ exit: 'generic', because: { code: 'ROGUE_PRIMARY' } });
  });

  it.each([
    ['is the promoted instance', aNode('db1', {}, promoted), aNode('db2', {}, promoted)],
    ['has the latest data by the record', aNode('db1', { dataStatus: 'LATEST' }), aNode('db2', {}, promoted)],
    ['has no other primary beside it', standby, aNode('db2')],
  ])('is left alone where it %s', async (_, db1, db2) => {
    expect((await watch(full(db1, db2))).end.exit).toBe('promoted');
  });
});
