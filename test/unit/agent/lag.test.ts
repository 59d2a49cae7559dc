// What a failover may lose: a limit in asynchronous mode, and a word about it at every promotion.
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../agent/run.ts';
import { say } from '../../../agent/reasons.ts';
import type { AttributeKey } from '../../../meta/attributes.ts';
import { aCall, aNode, anAnswer, aPrimary, aSnapshot, aSnapshotOfEachState, PretendRegion } from './pretend-region.ts';

const limited = { maximum_lag_on_failover: '4096' };
type Values = Partial<Record<AttributeKey, string>>;

/** db1 has received up to 3000000; its primary is fenced. */
function standby(own: Values, other: Values = {}): PretendRegion {
  const gone = aNode('db2', other, { online: false, inMembership: false, expected: 'down' });
  const region = new PretendRegion(
    aSnapshot({
      ...aSnapshotOfEachState.standby,
      session: { answer: anAnswer({ walReceiver: false }) },
      cluster: { nodes: { db1: aNode('db1', own), db2: gone }, quorate: true, fencing: true },
    }),
  );
  region.answering = [];
  return region;
}

describe('maximum_lag_on_failover', () => {
  it('has the primary record with its standbys where its WAL ends; without it nothing is written', async () => {
    const primary = { ...aSnapshotOfEachState.primary, session: { answer: aPrimary({ written: 0x3001000n }) } };
    const region = new PretendRegion(primary);
    await run('monitor', aCall(limited), region);
    expect(region.story).toContain('set primaryLsn of db2 to 0000000003001000');
    const unlimited = new PretendRegion(primary);
    await run('monitor', aCall(), unlimited);
    expect(unlimited.story.join()).not.toContain('primaryLsn');
  });

  const within = '0000000003001000';
  const beyond = '0000000003001001';

  it.each(['monitor', 'promote'] as const)(
    'keeps a standby that is further behind from being promoted: %s',
    async (action) => {
      const region = standby({ dataStatus: 'STREAMING|ASYNC', primaryLsn: beyond });
      const end = await run(action, aCall({ ...limited, election: 'published' }), region);
      expect(end.because).toEqual({ code: 'TOO_FAR_BEHIND', bytes: 4097, limit: 4096 });
      expect(region.story.join()).not.toMatch(/1000$|promote server/);
    },
  );

  it.each([
    ['at the limit', { primaryLsn: within }],
    ['where nothing is recorded', {}],
    ['with a word for so many bytes', { primaryLsn: beyond, acceptLoss: '4097' }],
    ['with a word for all', { primaryLsn: beyond, acceptLoss: 'all' }],
  ])('lets it be promoted %s', async (_, own) => {
    const region = standby({ dataStatus: 'STREAMING|ASYNC', ...own });
    expect((await run('promote', aCall(limited), region)).exit).toBe('success');
    expect(region.story).toContain('promote server');
  });

  it('takes no word for fewer bytes', async () => {
    const region = standby({ dataStatus: 'STREAMING|ASYNC', primaryLsn: beyond, acceptLoss: '4096' });
    expect((await run('promote', aCall(limited), region)).because?.code).toBe('TOO_FAR_BEHIND');
  });
});

describe('what a promotion may lose is said', () => {
  const said = async (parameters: Record<string, string>, own: Values, other: Values = {}): Promise<string> => {
    const region = standby({ dataStatus: 'STREAMING|ASYNC', ...own }, other);
    await run('promote', aCall(parameters), region);
    return region.reasons
      .filter(({ code }) => code === 'PROMOTING')
      .map(say)
      .join('\n');
  };
  const sync = { rep_mode: 'sync' };
  const current = { dataStatus: 'STREAMING|SYNC' };
  const cases: readonly (readonly [string, Parameters<typeof said>, string])[] = [
    ['in bytes', [limited, { primaryLsn: '0000000003000100' }], '256 bytes behind what its primary last recorded'],
    ['as unknown', [{}, {}], 'how far its primary was is not recorded'],
    ['as nothing, in synchronous mode', [sync, current], 'with every commit that was acknowledged'],
    ['as unknown, with a word for it', [sync, { ...current, acceptLoss: 'all' }], 'is not recorded'],
    [
      'as nothing, after a clean shutdown',
      [{}, {}, { handover: '0000000002FFFF00' }],
      'with everything that its primary',
    ],
  ];
  it.each(cases)('%s', async (_, given, text) => expect(await said(...given)).toContain(text));
});
