import { describe, expect, it } from '@jest/globals';
import type { Call } from '../../../agent/call.ts';
import type { Action } from '../../../agent/decide.ts';
import { run } from '../../../agent/run.ts';
import type { Snapshot } from '../../../agent/snapshot.ts';
import {
  history,
  aCall,
  aNode,
  aPrimary,
  aSnapshot,
  aSnapshotOfEachState,
  PretendRegion,
  anAnswer,
} from './pretend-region.ts';

const actions: readonly Action[] = ['monitor', 'start', 'stop', 'promote', 'demote', 'notify'];
const modes: Readonly<Record<string, Call>> = {
  async: aCall(),
  sync: aCall({ rep_mode: 'sync' }),
  restarting: aCall({ restart_on_promote: 'true' }),
  slots: aCall({ replication_slot_name: 'ha' }),
  demotable: aCall({ demote_to: 'standby' }),
  none: aCall({ rep_mode: 'none' }),
  slave: aCall({ rep_mode: 'slave' }),
};
const cells = Object.entries(modes).flatMap(([mode, call]) =>
  Object.entries(aSnapshotOfEachState).flatMap(([state, snapshot]) =>
    actions.map((action) => ({ mode, state, action, call, snapshot })),
  ),
);

async function play(action: Action, call: Call, snapshot: Snapshot): Promise<{ region: PretendRegion; exit: string }> {
  const region = new PretendRegion(snapshot);
  const { exit } = await run(action, call, region);
  return { region, exit };
}

describe('every cell', () => {
  it.each(cells)('$mode: $action on a server that is $state comes to an end', async ({ action, call, snapshot }) => {
    const { region } = await play(action, call, snapshot);
    expect(region.story.length).toBeLessThan(30);
    expect(region.now.remainingMs).toBeGreaterThan(0);
  });

  it.each(cells)(
    '$mode: $action on a server that is $state, killed after any step and called again, ends the same',
    async (cell) => {
      const whole = await play(cell.action, cell.call, cell.snapshot);
      for (let n = 0; n < whole.region.story.length; n++) {
        const region = new PretendRegion(cell.snapshot);
        region.killAfter = n;
        await run(cell.action, cell.call, region).catch(() => undefined);
        region.killAfter = Infinity;
        const { exit } = await run(cell.action, cell.call, region);
        expect([n, exit]).toEqual([n, sameAs(whole.exit, cell, region)]);
      }
    },
  );

  it.each(cells)(
    '$mode: $action on a server that is $state, called twice, does nothing the second time',
    async (cell) => {
      const region = new PretendRegion(cell.snapshot);
      const first = await run(cell.action, cell.call, region);
      const told = region.story.length;
      const { exit } = await run(cell.action, cell.call, region);
      if (first.exit === 'success' || first.exit === 'promoted') expect(exit).toBe(first.exit);
      // An election goes on from round to round, and a failed start may be tried again.
      const repeated = region.story.slice(told).filter((line) => !line.includes('xlog_note'));
      if (first.exit !== 'generic') expect(repeated).toEqual([]);
    },
  );
});

/** A promotion by restart that dies while the server is down leaves it to Pacemaker's recovery: stop and start. */
function sameAs(exit: string, cell: { mode: string; action: Action }, region: PretendRegion): string {
  const down = cell.mode === 'restarting' && cell.action === 'promote' && region.now.postmaster === undefined;
  return down ? 'generic' : exit;
}

describe('the order in which pgsql writes', () => {
  const attributesOf = (region: PretendRegion) => region.story.filter((line) => /^(set|delete) /.test(line));

  it('start: STOP, no baseline, -INFINITY, no xlog-loc, HS:alone', async () => {
    const old = aNode('db1', {
      baseline: '0000000003000000',
      xlogLoc: '0000000003000000',
      status: 'PRI',
      score: '1000',
    });
    const { region, exit } = await play(
      'start',
      aCall(),
      aSnapshot({ cluster: { nodes: { db1: old, db2: aNode('db2') }, quorate: true, fencing: true } }),
    );
    expect(exit).toBe('success');
    expect(attributesOf(region)).toEqual([
      'set status of db1 to STOP',
      'delete baseline of db1',
      'set score of db1 to -INFINITY',
      'delete xlogLoc of db1',
      'set status of db1 to HS:alone',
    ]);
  });

  it('promote: the peer first, then the lock and the baseline, then the server, then LATEST, 1000, PRI', async () => {
    const nodes = {
      db1: aNode('db1', { score: '1000' }),
      db2: aNode('db2', { score: '100', dataStatus: 'STREAMING|ASYNC' }),
    };
    const { region } = await play('promote', aCall(), {
      ...aSnapshotOfEachState.standby,
      cluster: { nodes, quorate: true, fencing: true },
    });
    expect(region.story).toEqual([
      `set promoting of db1 to ${history} db1= db2=STREAMING|ASYNC`,
      'set dataStatus of db2 to DISCONNECT',
      'set score of db2 to -INFINITY',
      'write PGSQL.lock',
      'set baseline of db1 to 0000000003000000',
      'promote server',
      `set timeline of db1 to ${history}`,
      'set dataStatus of db1 to LATEST',
      'delete promoting of db1',
      'set status of db1 to PRI',
    ]);
  });

  it('demote: -INFINITY, no baseline, the server, STOP; the lock goes only when Pacemaker says that nobody else runs', async () => {
    const primary = { ...aSnapshotOfEachState.primary, lock: true };
    const { region } = await play('demote', aCall({}, { OCF_RESKEY_CRM_meta_notify_slave_uname: ' ' }), primary);
    expect(region.story).toEqual([
      'set score of db1 to -INFINITY',
      'stop server (fast for 50 s)',
      'remove PGSQL.lock',
      'set status of db1 to STOP',
    ]);
    const list = { '': false, ' ': true, db2: false };
    for (const [slaves, unlocks] of Object.entries(list)) {
      const call = aCall({}, { OCF_RESKEY_CRM_meta_notify_slave_uname: slaves });
      expect([slaves, !(await play('demote', call, primary)).region.now.lock]).toEqual([slaves, unlocks]);
    }
  });

  it('stop: -INFINITY, no xlog-loc, the server, STOP, no baseline', async () => {
    const old = aNode('db1', { baseline: 'B', xlogLoc: 'X', status: 'HS:alone', score: '100' });
    const found = { ...aSnapshotOfEachState.standby, cluster: { nodes: { db1: old }, quorate: true, fencing: true } };
    const { region } = await play('stop', aCall(), found);
    expect(region.story).toEqual([
      'set score of db1 to -INFINITY',
      'delete xlogLoc of db1',
      'stop server (fast for 50 s)',
      'set status of db1 to STOP',
      'delete baseline of db1',
    ]);
  });

  it('sync, first contact: recorded as async, switched, recorded as sync in the same monitor', async () => {
    const nodes = {
      db1: aNode('db1', { status: 'PRI', dataStatus: 'LATEST', timeline: history }),
      db2: aNode('db2', { score: '-INFINITY' }),
    };
    const found = aSnapshot({
      ...aSnapshotOfEachState.primary,
      cluster: { nodes, quorate: true, fencing: true },
      syncNames: [],
    });
    const { region, exit } = await play('monitor', aCall({ rep_mode: 'sync' }), found);
    expect(exit).toBe('promoted');
    expect(region.story).toEqual([
      'set dataStatus of db2 to STREAMING|ASYNC',
      'set status of db2 to HS:async',
      'write rep_mode.conf',
      'reload server',
      'set syncPoint of db2 to 0000000003000000',
      'set dataStatus of db2 to STREAMING|SYNC',
      'set score of db2 to 100',
      'set status of db2 to HS:sync',
      'delete syncPoint of db2',
    ]);
  });

  it('sync, killed between writing and reloading: the server is told again', async () => {
    const nodes = {
      db1: aNode('db1', { status: 'PRI', dataStatus: 'LATEST', timeline: history }),
      db2: aNode('db2', { score: '-INFINITY' }),
    };
    const found = aSnapshot({
      ...aSnapshotOfEachState.primary,
      cluster: { nodes, quorate: true, fencing: true },
      syncNames: ['db2'],
    });
    const { region, exit } = await play('monitor', aCall({ rep_mode: 'sync' }), found);
    expect(exit).toBe('promoted');
    expect(region.story).toContain('reload server');
    expect(region.story.slice(-3)).toContain('set status of db2 to HS:sync');
  });

  it('sync, a server that does not read rep_mode.conf stays promoted, and the reason is said', async () => {
    const found = aSnapshot({ ...aSnapshotOfEachState.primary, syncNames: ['db2'] });
    const region = new PretendRegion(found);
    const { act } = region;
    region.act = (step) => (step.do === 'reload server' ? Promise.resolve(undefined) : act(step));
    const end = await run('monitor', aCall({ rep_mode: 'sync' }), region);
    expect(end).toMatchObject({ exit: 'promoted', because: { code: 'SYNC_NAMES_UNREAD' } });
  });

  it('sync, standby lost: the record comes before commits stop waiting', async () => {
    const nodes = {
      db1: aNode('db1', { status: 'PRI', dataStatus: 'LATEST', timeline: history }),
      db2: aNode('db2', { score: '100', dataStatus: 'STREAMING|SYNC' }),
    };
    const session = { answer: aPrimary({ senders: [], synchronousStandbyNames: '"db2"' }) };
    const found = aSnapshot({
      ...aSnapshotOfEachState.primary,
      session,
      cluster: { nodes, quorate: true, fencing: true },
      syncNames: ['db2'],
    });
    const { region } = await play('monitor', aCall({ rep_mode: 'sync' }), found);
    expect(region.story).toEqual([
      'set dataStatus of db2 to DISCONNECT',
      'set score of db2 to -INFINITY',
      'write rep_mode.conf',
      'reload server',
    ]);
  });
});

describe('a demotion that leaves a standby', () => {
  const call = aCall({ demote_to: 'standby' });
  it('starts the server again after a clean shutdown, without the lock', async () => {
    const { region, exit } = await play('demote', call, { ...aSnapshotOfEachState.primary, lock: true });
    expect(exit).toBe('success');
    expect(region.story).toContain('start server (unattended)');
    expect(region.now).toMatchObject({ standbySignal: true, lock: false });
  });

  it('does not start a server that has crashed', async () => {
    const { region } = await play('demote', call, {
      ...aSnapshotOfEachState.stopped,
      cleanShutdown: false,
      lock: true,
    });
    expect(region.story).not.toContain('start server (unattended)');
    expect(region.now.lock).toBe(true);
  });

  it('is none where a promotion keeps the timeline', async () => {
    const restarting = aCall({ demote_to: 'standby', restart_on_promote: 'true' });
    const { region } = await play('demote', restarting, aSnapshotOfEachState.primary);
    expect(region.now.postmaster).toBeUndefined();
  });
});

describe('what must never happen', () => {
  it('start with a node_list that the cluster does not know', async () => {
    const end = await run('start', aCall({ node_list: 'db1 db9' }), new PretendRegion(aSnapshot()));
    expect(end).toMatchObject({
      exit: 'configured',
      because: { code: 'NODES_UNKNOWN', unknown: 'db9', cluster: 'db1 db2' },
    });
  });

  it('start on a running primary touches nothing', async () => {
    const { region, exit } = await play('start', aCall(), aSnapshotOfEachState.primary);
    expect([exit, region.story]).toEqual(['generic', []]);
  });

  it('start with a lock does not start the server', async () => {
    const { region, exit } = await play('start', aCall(), aSnapshot({ lock: true }));
    expect(exit).toBe('generic');
    expect(region.story).not.toContain('start server');
    expect(region.reasons.map((reason) => reason.code)).toEqual(['LOCKED']);
  });

  it('a primary whose connections are all taken is neither failed nor demoted', async () => {
    expect((await play('monitor', aCall(), aSnapshotOfEachState.full)).exit).toBe('promoted');
    expect((await play('monitor', aCall(), { ...aSnapshotOfEachState.full, standbySignal: true })).exit).toBe(
      'success',
    );
  });

  it('a primary is not demoted because the cluster cannot be read', async () => {
    const { region, exit } = await play('monitor', aCall(), { ...aSnapshotOfEachState.primary, cluster: undefined });
    expect([exit, region.story]).toEqual(['promoted', []]);
  });

  it('without the cluster nobody is promoted', async () => {
    const { region, exit } = await play('promote', aCall(), { ...aSnapshotOfEachState.standby, cluster: undefined });
    expect([exit, region.story]).toEqual(['generic', []]);
  });

  it('a monitor role that may not see the standbys lowers no score', async () => {
    const nodes = {
      db1: aNode('db1', { status: 'PRI', dataStatus: 'LATEST', timeline: history }),
      db2: aNode('db2', { score: '100', dataStatus: 'STREAMING|ASYNC' }),
    };
    const blind = {
      answer: aPrimary({
        senders: [{ applicationName: 'db2', state: undefined, syncState: undefined, flushed: undefined }],
      }),
    };
    const { region, exit } = await play('monitor', aCall(), {
      ...aSnapshotOfEachState.primary,
      session: blind,
      cluster: { nodes, quorate: true, fencing: true },
    });
    expect([exit, region.story]).toEqual(['promoted', []]);
    expect(region.reasons.map((reason) => reason.code)).toEqual(['MONITOR_BLIND']);
  });

  it('steps without effect are not repeated for ever', async () => {
    const region = new PretendRegion(aSnapshot());
    region.act = () => Promise.resolve(undefined);
    expect(await run('start', aCall({ rep_mode: 'none' }), region)).toMatchObject({
      exit: 'generic',
      because: { code: 'NO_PROGRESS' },
    });
  });

  it('a hung server is waited for only until the deadline', async () => {
    const { exit, region } = await play('monitor', aCall(), aSnapshotOfEachState.hung);
    expect(exit).toBe('generic');
    expect(region.reasons.at(-1)).toMatchObject({ code: 'UNANSWERED', state: 'hung' });
  });
});

describe('the healthy monitor', () => {
  it('of a primary writes nothing', async () => {
    const nodes = {
      db1: aNode('db1', { status: 'PRI', dataStatus: 'LATEST', timeline: history, score: '1000' }),
      db2: aNode('db2', { status: 'HS:async', dataStatus: 'STREAMING|ASYNC', score: '100' }),
    };
    const { region, exit } = await play('monitor', aCall(), {
      ...aSnapshotOfEachState.primary,
      cluster: { nodes, quorate: true, fencing: true },
    });
    expect([exit, region.story]).toEqual(['promoted', []]);
  });

  it('of a standby beside a primary writes nothing', async () => {
    const nodes = { db1: aNode('db1', { status: 'HS:async' }), db2: aNode('db2', {}, { role: 'Promoted' }) };
    const { region, exit } = await play('monitor', aCall(), {
      ...aSnapshotOfEachState.standby,
      cluster: { nodes, quorate: true, fencing: true },
    });
    expect([exit, region.story]).toEqual(['success', []]);
  });
});

describe('the election', () => {
  const standby = (values: Parameters<typeof aNode>[1], other: Parameters<typeof aNode>[1]) => ({
    ...aSnapshotOfEachState.standby,
    session: { answer: anAnswer() },
    cluster: {
      nodes: { db1: aNode('db1', values), db2: aNode('db2', other, { role: 'Unpromoted' }) },
      quorate: true,
      fencing: true,
    },
  });
  const rounds = async (found: Snapshot, n: number) => {
    const region = new PretendRegion(found);
    for (let round = 0; round < n; round++) await run('monitor', aCall(), region);
    return region;
  };

  it('is decided by the fourth monitor that sees the same positions', async () => {
    const found = standby({ dataStatus: 'STREAMING|ASYNC' }, { xlogLoc: '0000000002000000' });
    expect((await rounds(found, 3)).story.join()).not.toContain('1000');
    const region = await rounds(found, 4);
    expect(region.story.slice(-4)).toEqual([
      'set score of db1 to 1000',
      'remove xlog_note.0',
      'remove xlog_note.1',
      'remove xlog_note.2',
    ]);
  });

  it('is lost to a node that is ahead, and the loser says so in its data-status', async () => {
    const region = await rounds(standby({ dataStatus: 'LATEST' }, { xlogLoc: '0000000004000000' }), 4);
    expect(region.story).toContain('set dataStatus of db1 to DISCONNECT');
    expect(region.story.join()).not.toContain('1000');
  });

  it('has no part for a node that was disconnected', async () => {
    const region = await rounds(standby({ dataStatus: 'DISCONNECT' }, {}), 4);
    expect(region.reasons.at(-1)?.code).toBe('OUT_OF_DATE');
    expect(region.story).toEqual(['set status of db1 to HS:alone']);
  });
});
