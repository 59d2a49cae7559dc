import { describe, expect, it } from '@jest/globals';
import type { Action } from '../../../agent/decide.ts';
import { run } from '../../../agent/run.ts';
import type { Snapshot } from '../../../agent/snapshot.ts';
import type { Call } from '../../../agent/call.ts';
import type { InstanceAnswer } from '../../../lib/postgres/queries.ts';
import type { ClusterNode } from '../../../lib/pacemaker/cib.ts';
import { aCall, aNode, anAnswer, aSnapshot, aSnapshotOfEachState, PretendRegion } from './pretend-region.ts';

const call = aCall({ demote_to: 'standby' });
const end = '0000000003000000';
const gone = { online: false, inMembership: false, expected: 'down' } as const;

async function play(action: Action, with_: Call, snapshot: Snapshot): Promise<{ region: PretendRegion; exit: string }> {
  const region = new PretendRegion(snapshot);
  const { exit } = await run(action, with_, region);
  return { region, exit };
}

/** db1 is to be promoted; db2 was the primary and has ended at `end`. */
function aPromotion(answer: Partial<InstanceAnswer>, peer: Partial<ClusterNode> = {}): Snapshot {
  const own = aNode('db1', { score: '100', dataStatus: 'STREAMING|ASYNC' });
  const other = aNode('db2', { handover: end, score: '-INFINITY', status: 'HS:alone' }, peer);
  return aSnapshot({
    postmaster: { pid: 4711, status: 'ready' },
    session: { answer: anAnswer(answer) },
    standbySignal: true,
    cluster: { nodes: { db1: own, db2: other }, quorate: true, fencing: true },
  });
}

describe('a demotion to a standby', () => {
  it('writes out what it can while clients work, and publishes where its WAL ended', async () => {
    const { region } = await play('demote', call, aSnapshotOfEachState.primary);
    expect(region.story[0]).toBe('checkpoint');
    expect(region.story).toContain(`set handover of db1 to ${end}`);
    expect(region.story.indexOf(`set handover of db1 to ${end}`)).toBeLessThan(
      region.story.indexOf('start server (unattended)'),
    );
  });

  it('is as pgsql’s with demote_to=stopped', async () => {
    const { region } = await play('demote', aCall(), aSnapshotOfEachState.primary);
    expect(region.story.filter((line) => /handover|checkpoint/.test(line))).toEqual([]);
  });
});

describe('a promotion after a demotion', () => {
  it('follows when the shutdown checkpoint was replayed', async () => {
    const { region, exit } = await play('promote', call, aPromotion({ replayed: 0x3000078n }));
    expect(exit).toBe('success');
    expect(region.story).toContain('promote server');
  });

  it('is refused when it never comes, and hands the old primary the promotion', async () => {
    const { region, exit } = await play('promote', call, aPromotion({ received: 0x2fff000n, replayed: 0x2fff000n }));
    expect(exit).toBe('generic');
    expect(region.reasons.at(-1)?.code).toBe('HANDOVER_INCOMPLETE');
    expect(region.story).toEqual(['set score of db1 to -INFINITY', 'set score of db2 to 1000']);
    expect(region.now.remainingMs).toBeGreaterThan(50_000); // clients wait: it is not hoped for long
  });

  it.each([
    ['4096', 'success'],
    ['all', 'success'],
    ['4095', 'generic'],
  ])('without the end follows only if a person accepts the loss: %s of 4096 bytes', async (acceptLoss, exit) => {
    const found = aPromotion({ received: 0x2fff000n, replayed: 0x2fff000n });
    const db1 = aNode('db1', { score: '100', dataStatus: 'STREAMING|ASYNC', acceptLoss });
    const nodes = { ...found.cluster?.nodes, db1 };
    const told = { ...found, cluster: { nodes, quorate: true, fencing: true } };
    expect((await play('promote', call, told)).exit).toBe(exit);
  });

  it('follows when it was received and is not replayed yet: a promotion replays what is there', async () => {
    const { exit } = await play('promote', call, aPromotion({ received: 0x3000078n, replayed: 0x2fff000n }));
    expect(exit).toBe('success');
  });

  it('does not take the end of a page for the end of the record', async () => {
    const { exit } = await play('promote', call, aPromotion({ received: 0x3002000n, replayed: 0x2fff000n }));
    expect(exit).toBe('generic');
  });

  it('compares with members only: who is away cannot go on instead', async () => {
    const { exit } = await play('promote', call, aPromotion({ replayed: 0x2fff000n }, gone));
    expect(exit).toBe('success');
  });
});
