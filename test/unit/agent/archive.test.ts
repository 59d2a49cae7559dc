// An archive that does not answer holds up no promotion and no start.
import { describe, expect, it } from '@jest/globals';
import type { Call } from '../../../agent/call.ts';
import { isSilent, leaveArchive } from '../../../agent/rules/archive.ts';
import { run } from '../../../agent/run.ts';
import type { Snapshot } from '../../../agent/snapshot.ts';
import { describe as inWords } from '../../../agent/steps.ts';
import { aCall, aNode, aSnapshotOfEachState, PretendRegion } from './pretend-region.ts';

const nodes = {
  db1: aNode('db1', { score: '1000' }),
  db2: aNode('db2', { score: '100', dataStatus: 'STREAMING|ASYNC' }),
};
const cluster = { nodes, quorate: true, fencing: true };
const standby: Snapshot = { ...aSnapshotOfEachState.standby, cluster };
const starting: Snapshot = { ...aSnapshotOfEachState.starting, cluster };
const restarted = ['stop server (fast for 15 s)', 'start server (without the archive)'];

type Played = { readonly killAfter?: number; readonly call?: Call };

async function play(
  action: 'promote' | 'start',
  found: Snapshot,
  { killAfter = Infinity, call = aCall() }: Played = {},
) {
  const region = new PretendRegion(found);
  region.killAfter = killAfter;
  const end = await run(action, call, region).catch(() => undefined);
  return {
    region,
    exit: end?.exit,
    story: region.story.filter((line) => !/^(set|delete|write|include|take)/.test(line)),
  };
}

describe('promote', () => {
  it('restarts a server without its archive that has been at one file for 5 s, and promotes it', async () => {
    const { exit, story, region } = await play('promote', { ...standby, restoringMs: 5000 });
    expect([exit, story]).toEqual(['success', [...restarted, 'promote server']]);
    expect(region.reasons).toContainEqual({ code: 'ARCHIVE_SILENT', seconds: 5 });
    expect(region.story.indexOf(restarted[0] ?? '')).toBe(0); // nothing is recorded before
  });

  it('goes on if the archive is heard to be silent when the promotion has been asked for', async () => {
    const region = new PretendRegion({ ...standby, restoringMs: 100 });
    const act = region.act;
    region.act = (step) => {
      const hangs = step.do === 'promote server' && !region.story.includes('promote server');
      if (!hangs) return act(step);
      region.story.push('promote server');
      region.now = { ...region.now, restoringMs: 5100 };
      return Promise.resolve(undefined);
    };
    expect((await run('promote', aCall(), region)).exit).toBe('success');
    const servers = region.story.filter((line) => line.includes('server'));
    expect(servers).toEqual(['promote server', ...restarted, 'promote server']);
  });

  it.each([
    ['a command that has just begun', { restoringMs: 4900 }, {}],
    ['no command', { restoringMs: undefined }, {}],
    ['beyond recovery, where recovery_end_command runs', { restoringMs: 60_000, standbySignal: false }, {}],
    ['a promotion by a restart, which asks no archive', { restoringMs: 60_000 }, { restart_on_promote: 'true' }],
  ])('leaves it as it is: %s', async (_, found, parameters) => {
    const { story } = await play('promote', { ...standby, ...found }, { call: aCall(parameters) });
    expect(story).not.toContain(restarted[1]);
  });

  it('after a kill at any step the server is one that Pacemaker can stop, start and promote', async () => {
    for (let killAfter = 0; killAfter < 6; killAfter++) {
      const { region } = await play('promote', { ...standby, restoringMs: 60_000 }, { killAfter });
      region.killAfter = Infinity;
      for (const action of ['demote', 'stop', 'start', 'promote'] as const) {
        region.now = { ...region.now, remainingMs: 57_000 };
        if (action === 'start') region.now = { ...region.now, lock: false };
        expect([killAfter, action, (await run(action, aCall(), region)).exit]).toEqual([killAfter, action, 'success']);
      }
    }
  });
});

describe('start', () => {
  const late = { restoringMs: 25_000, remainingMs: 29_000 };

  it('of a server whose archive is silent until half the time is over goes on without it', async () => {
    const { exit, story } = await play('start', { ...starting, ...late });
    expect([exit, story]).toEqual(['success', restarted]);
  });

  it.each([
    ['while there is time', { restoringMs: 25_000, remainingMs: 40_000 }],
    ['as long as files come', { restoringMs: 9_900, remainingMs: 20_000 }],
    ['while there is no command', { restoringMs: undefined, remainingMs: 20_000 }],
  ])('waits: %s', (_, found) => {
    expect(leaveArchive('start', { ...starting, ...found }, aCall())).toBeUndefined();
  });

  it('is the same in rep_mode=slave', async () => {
    const slave = aCall({ rep_mode: 'slave' }, { OCF_RESKEY_CRM_meta_promotable: 'false' });
    expect((await play('start', { ...starting, ...late }, { call: slave })).story).toEqual(restarted);
  });
});

it('the bounds fit into short time-outs', () => {
  const call = aCall({}, { OCF_RESKEY_CRM_meta_timeout: '12000' });
  expect(isSilent('promote', { restoringMs: 3000, remainingMs: 9000 }, call)).toBe(true);
  expect(isSilent('start', { restoringMs: 3000, remainingMs: 6000 }, call)).toBe(true);
  expect(inWords({ do: 'start server', unattended: true })).toBe('start server (unattended)');
});
