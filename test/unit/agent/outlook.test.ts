// A standby that runs and does not follow: when it is restarted, so that the start makes a standby of it again.
import { describe, expect, it } from '@jest/globals';
import { readParameters } from '../../../agent/call.ts';
import { run } from '../../../agent/run.ts';
import { wantsOutlook } from '../../../agent/rules/outlook.ts';
import type { Snapshot, Source } from '../../../agent/snapshot.ts';
import { aCall, aNode, anAnswer, aSnapshot, diverged, foreign, PretendRegion, sameHistory } from './pretend-region.ts';

const message = 'requested WAL segment 000000010000000000000003 has already been removed';
const gone = { ...sameHistory, walGone: message } as const;
const room: Source = { bytes: 1e9, tablespaces: [], freeBytes: 1e10, obstacle: undefined };
const missed = { dataStatus: 'DISCONNECT', status: 'HS:alone' } as const;

/** db1, missed by the primary db2 for a while. */
function aStandby(changes: Partial<Snapshot> = {}, values: Parameters<typeof aNode>[1] = missed): Snapshot {
  const nodes = { db1: aNode('db1', values), db2: aNode('db2', {}, { role: 'Promoted' }) };
  return aSnapshot({
    postmaster: { pid: 4711, status: 'standby' },
    standbySignal: true,
    session: { answer: anAnswer({ walReceiver: false }) },
    cluster: { nodes, quorate: true, fencing: true },
    source: room,
    ...changes,
  });
}

const call = (rejoin: string, more: Record<string, string> = {}) => aCall({ rejoin, ...more });

async function monitor(snapshot: Snapshot, rejoin: string, more: Record<string, string> = {}) {
  const region = new PretendRegion(snapshot);
  const { exit, because } = await run('monitor', call(rejoin, more), region);
  return { exit, code: because?.code };
}

describe('the outlook is asked for', () => {
  it('where the primary and an earlier monitor say that it does not follow, and something may be done', () => {
    expect(wantsOutlook('monitor', aStandby(), call('rewind,clone'))).toBe(true);
  });

  const streams = { session: { answer: anAnswer() } };
  const alone = { cluster: { nodes: { db1: aNode('db1', missed), db2: aNode('db2') }, quorate: true, fencing: true } };
  it.each([
    ['by a start', 'start', aStandby(), 'rewind,clone'],
    ['with rejoin=manual', 'monitor', aStandby(), 'manual'],
    ['where it streams', 'monitor', aStandby(streams), 'rewind,clone'],
    ['without a primary', 'monitor', aStandby(alone), 'rewind,clone'],
    ['at the first monitor', 'monitor', aStandby({}, { ...missed, status: 'HS:async' }), 'rewind,clone'],
    ['before the primary misses it', 'monitor', aStandby({}, { ...missed, dataStatus: 'STREAMING|ASYNC' }), 'rewind'],
    ['of a server that does not run', 'monitor', aStandby({ postmaster: undefined, session: undefined }), 'rewind'],
  ] as const)('not %s', (...[, action, snapshot, rejoin]) => {
    expect(wantsOutlook(action, snapshot, call(rejoin))).toBe(false);
  });

  it('not by a probe', () => {
    const env = { OCF_RESKEY_CRM_meta_interval: '0' };
    const probe = { ...aCall({ rejoin: 'clone' }, env), probe: true };
    expect(readParameters(env).problems).toEqual([]);
    expect(wantsOutlook('monitor', aStandby(), probe)).toBe(false);
  });
});

describe('a standby that does not follow', () => {
  it.each([
    ['clone', { evidence: gone }],
    ['rewind,clone', { evidence: gone }],
    ['rewind', { evidence: diverged }],
    ['clone', { evidence: { ...diverged, rewindable: false } }],
  ] as const)('is restarted where it never can, rejoin=%s, %j', async (rejoin, changes) => {
    expect(await monitor(aStandby(changes), rejoin)).toEqual({ exit: 'generic', code: 'CANNOT_FOLLOW' });
  });

  it.each([
    ['no copy may be made', 'rewind', { evidence: gone }, {}],
    ['there is an archive to ask', 'clone', { evidence: gone }, { restore_command: 'cp /archive/%f %p' }],
    ['there is no room for a copy', 'clone', { evidence: gone, source: { ...room, freeBytes: 1e6 } }, {}],
    ['no rewind can tell what differs', 'rewind', { evidence: { ...diverged, rewindable: false } }, {}],
    ['it may yet', 'rewind,clone', { evidence: sameHistory }, {}],
    ['nothing is known', 'rewind,clone', { evidence: { verdict: 'unknown', because: 'the primary is silent' } }, {}],
    ['its data are of another system', 'rewind,clone', { evidence: foreign }, {}],
  ] as readonly [string, string, Partial<Snapshot>, Record<string, string>][])(
    'goes on, to be read as it is, where %s',
    async (...[, rejoin, changes, more]) => {
      expect((await monitor(aStandby(changes), rejoin, more)).exit).toBe('success');
    },
  );

  it('goes on and says why, where a copy is refused', async () => {
    const tablespaces = { ...room, tablespaces: ['fast'] };
    expect(await monitor(aStandby({ evidence: gone, source: tablespaces }), 'clone')).toEqual({
      exit: 'success',
      code: 'WAL_GONE',
    });
  });
});
