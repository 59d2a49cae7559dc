// A node is made a standby again: by which way, in which steps, and what must never happen meanwhile.
import { describe, expect, it } from '@jest/globals';
import type { Action } from '../../../agent/decide.ts';
import { run, type End } from '../../../agent/run.ts';
import type { Snapshot, Source } from '../../../agent/snapshot.ts';
import { readParameters } from '../../../agent/call.ts';
import { aCall, aNode, aSnapshot, diverged, foreign, PretendRegion, sameHistory } from './pretend-region.ts';

const gone = {
  ...sameHistory,
  walGone: 'requested WAL segment 000000010000000000000003 has already been removed',
} as const;
const room: Source = { bytes: 1e9, tablespaces: [], freeBytes: 1e10, obstacle: undefined };
const noRewind = { whole: true, rewound: false, noRewind: 'pg_rewind: could not find previous WAL record' };

/** Beside a primary, unless told otherwise; `word`: what a person has said. */
function aRegion(changes: Partial<Snapshot>, word?: string, promoted = true): PretendRegion {
  const db1 = aNode('db1', word === undefined ? {} : { rejoinWord: word });
  const db2 = aNode('db2', {}, promoted ? { role: 'Promoted' } : {});
  const cluster = { nodes: { db1, db2 }, quorate: true, fencing: true };
  return new PretendRegion(aSnapshot({ source: room, cluster, ...changes }));
}

type How = Readonly<{ action?: Action; more?: Readonly<Record<string, string>> }>;

async function play(
  region: PretendRegion,
  rejoin = 'rewind,clone',
  { action = 'start', more }: How = {},
): Promise<End> {
  return run(action, aCall({ rejoin, ...more }), region);
}

const copied = ['copy primary', 'remove rejoin', 'put copy in place', 'remove PGSQL.lock'];
const isCopied = ({ story }: PretendRegion): boolean => copied.every((line) => story.includes(line));

describe('the parameter rejoin', () => {
  const read = (rejoin: string) => {
    const { parameters, problems } = readParameters({ OCF_RESKEY_rejoin: rejoin });
    return problems.length > 0 ? problems : parameters.rejoin;
  };
  it.each([
    ['manual', []],
    ['rewind', ['rewind']],
    ['rewind,clone', ['rewind', 'clone']],
    ['clone, rewind', ['clone', 'rewind']],
  ])('is an ordered list: %s', (text, ways) => expect(read(text)).toEqual(ways));
  it.each(['rewnid', 'manual,clone', 'clone,clone', ','])('is refused, and says what it may be: %s', (text) => {
    expect(read(text)).toEqual([`rejoin="${text}" is not manual, or rewind and clone in the order of preference`]);
  });
});

describe('a start, by the way that is possible first', () => {
  it.each([
    ['rewind,clone', {}, 'rewind'],
    ['clone,rewind', {}, 'copy primary'],
    ['clone', {}, 'copy primary'],
    ['rewind,clone', { kept: noRewind }, 'copy primary'],
    ['rewind,clone', { evidence: { ...diverged, rewindable: false } }, 'copy primary'],
  ] as const)('rejoin=%s, %j: %s', async (rejoin, changes, step) => {
    const region = aRegion({ lock: true, evidence: diverged, ...changes });
    expect((await play(region, rejoin)).exit).toBe('success');
    expect(region.story).toContain(step);
    expect(region.now).toMatchObject({ lock: false, rewinding: undefined });
  });

  it('keeps what is here only before a copy replaces it', async () => {
    const region = aRegion({ lock: true, evidence: diverged });
    await play(region, 'clone');
    const at = (line: string) => region.story.indexOf(line);
    expect(at('keep diverged WAL in kept/1-0_3000000')).toBeGreaterThanOrEqual(0);
    expect(at('keep diverged WAL in kept/1-0_3000000')).toBeLessThan(at('copy primary'));
  });

  it('without a lock as well, beside a primary', async () => {
    const region = aRegion({ evidence: diverged });
    expect((await play(region)).exit).toBe('success');
    expect(region.story).toContain('rewind');
  });

  it('tries a rewind that failed again if there is no other way, and then says what was wrong', async () => {
    const region = aRegion({ lock: true, evidence: diverged });
    const { act } = region;
    region.act = async (step) => {
      const done = await act(step);
      if (step.do === 'keep diverged WAL') region.now = { ...region.now, kept: noRewind };
      return done;
    };
    expect(await play(region, 'rewind')).toMatchObject({ exit: 'generic', because: { code: 'REJOIN_FAILED', message: noRewind.noRewind } });
    expect(region.now.postmaster).toBeUndefined();
  });

  it('makes a copy after a rewind that stopped half-way and can never end', async () => {
    const region = aRegion({ lock: true, rewinding: '1-0_3000000', kept: noRewind });
    expect((await play(region)).exit).toBe('success');
    expect(isCopied(region)).toBe(true);
    // with the mark, the next start would rewind the new data with what was kept of the old
    expect(region.story.indexOf('remove rejoin')).toBeLessThan(region.story.indexOf('put copy in place'));
  });
}); // prettier-ignore

describe('data that are not there', () => {
  it.each(['empty', 'incomplete'] as const)('(%s) are copied where that is allowed', async (missing) => {
    const region = aRegion({ missing });
    expect((await play(region)).exit).toBe('success');
    expect(isCopied(region)).toBe(true);
  });

  it('are not, where it is not', async () => {
    const region = aRegion({ missing: 'empty' });
    expect(await play(region, 'rewind')).toMatchObject({ exit: 'installed', because: { code: 'DATA_MISSING' } });
    expect(region.story).toEqual([]);
  });

  it('are waited for beside a primary that does not answer; without one the start fails at once', async () => {
    const source = { unknown: 'no answer' };
    const beside = aRegion({ missing: 'empty', source });
    expect(await play(beside)).toMatchObject({ exit: 'generic', because: { code: 'CLONE_REFUSED' } });
    expect(beside.now.remainingMs).toBeLessThan(1000);
    const alone = aRegion({ missing: 'empty', source }, undefined, false);
    expect(await play(alone)).toMatchObject({ exit: 'generic', because: { code: 'CLONE_REFUSED' } });
    expect(alone.now.remainingMs).toBe(57_000);
  });

  it('killed after any step and called again: never started before they are whole', async () => {
    const whole = aRegion({ missing: 'empty' });
    await play(whole);
    for (let n = 0; n < whole.story.length; n++) {
      const region = aRegion({ missing: 'empty' });
      region.killAfter = n;
      await play(region).catch(() => undefined);
      expect(region.now.postmaster !== undefined && region.now.missing !== undefined).toBe(false);
      region.killAfter = Infinity;
      expect((await play(region)).exit).toBe('success');
      expect(region.now).toMatchObject({ missing: undefined, copy: { whole: false } });
    }
  });
});

describe('the old data', () => {
  it('go when the new ones stream, and stay if they do not', async () => {
    const region = aRegion({ missing: 'incomplete' });
    await play(region);
    expect(region.story.indexOf('remove old data')).toBeGreaterThan(region.story.indexOf('start server'));
    const silent = aRegion({ missing: 'incomplete' });
    const { act } = silent;
    silent.act = async (step) => {
      const done = await act(step);
      const { session } = silent.now;
      if (session !== undefined && 'answer' in session)
        silent.now = { ...silent.now, session: { answer: { ...session.answer, walReceiver: false } } };
      return done;
    };
    expect((await play(silent)).exit).toBe('success');
    expect(silent.now.copy?.old).toBe(true);
  });
});

describe('WAL that the primary no longer has', () => {
  it('is a reason for a copy, if there is no archive', async () => {
    const region = aRegion({ evidence: gone });
    await play(region);
    expect(isCopied(region)).toBe(true);
  });

  it.each([
    ['with an archive', 'rewind,clone', { restore_command: 'cp /archive/%f %p' }],
    ['where a copy is not allowed', 'rewind', {}],
  ])('%s: the standby is started, and a person is told', async (_, rejoin, more) => {
    const region = aRegion({ evidence: gone });
    expect((await play(region, rejoin, { more })).exit).toBe('success');
    expect(isCopied(region)).toBe(false);
    expect(region.reasons.map(({ code }) => code)).toContain('WAL_GONE');
  });
});

describe('what is refused, and changes nothing', () => {
  it.each([
    ['data of another system', { evidence: foreign }, undefined, 'FOREIGN_DATA'],
    ['the same, though a person wants a copy', { evidence: foreign }, 'clone', 'FOREIGN_DATA'],
    ['tablespaces', { missing: 'empty', source: { ...room, tablespaces: ['fast'] } }, undefined, 'CLONE_REFUSED'],
    ['a disk that is too small', { missing: 'empty', source: { ...room, freeBytes: 1e9 } }, undefined, 'CLONE_REFUSED'],
    ['a file system of its own', { missing: 'empty', source: { ...room, obstacle: 'x' } }, undefined, 'CLONE_REFUSED'],
    ['another loss than the one that was accepted', { evidence: diverged, lock: true }, 'rewind accept 1023', 'DIVERGED'],
  ] as readonly [string, Partial<Snapshot>, string | undefined, string][])('%s', async (...[, changes, word, code]) => {
    const region = aRegion(changes, word);
    expect((await play(region)).because?.code).toBe(code);
    expect(region.story.filter((line) => !line.startsWith('set '))).toEqual([]);
  }); // prettier-ignore

  it('divergence with rejoin=manual, and it is recorded for programs', async () => {
    const region = aRegion({ lock: true, evidence: diverged });
    expect((await play(region, 'manual')).because?.code).toBe('DIVERGED');
    expect(region.story).toEqual(['set evidence of db1 to diverged 1024 1 0/3000000 0/3000400']);
  });
});

describe('a person’s word', () => {
  it('allows what the configuration does not, for the loss that was named', async () => {
    const region = aRegion({ lock: true, evidence: diverged }, 'rewind,clone accept 1024');
    expect((await play(region, 'manual')).exit).toBe('success');
    expect(region.story).toContain('rewind');
    expect(region.story).toContain('delete rejoinWord of db1');
  });

  it('holds when the recovery of a crashed server has added its records to what is lost', async () => {
    const region = aRegion({ lock: true, evidence: { ...diverged, crashed: true } }, 'rewind,clone accept 1024');
    expect((await play(region, 'manual')).exit).toBe('success');
    expect(region.story.filter((line) => ['recover server', 'rewind'].includes(line))).toEqual([
      'recover server',
      'rewind',
    ]);
    expect(region.story).toContain('delete rejoinWord of db1');
  });

  it('for a copy is followed where nothing else would need one', async () => {
    for (const evidence of [sameHistory, { verdict: 'unknown', because: 'x', sameSystem: true }] as const) {
      const region = aRegion({ evidence }, 'clone');
      expect((await play(region, 'manual')).exit).toBe('success');
      expect(region.story.filter((line) => line === 'copy primary')).toHaveLength(1);
    }
  });
});

describe('the work in the background', () => {
  it('is begun by the start, which ends well while it goes on, without a chance of promotion', async () => {
    const region = aRegion({ missing: 'empty', background: true });
    const end = await play(region);
    expect(end).toMatchObject({ exit: 'success', because: { code: 'REJOINING' } });
    expect(region.story.at(-1)).toBe('begin rejoin');
    expect(region.story).toContain('set score of db1 to -INFINITY');
    expect(region.now.remainingMs).toBeGreaterThan(40_000);
  });

  it('is well for a monitor, and a probe finds it active', async () => {
    for (const interval of ['0', '4000']) {
      const region = aRegion({ job: { state: 'runs' } });
      const call = aCall({}, { OCF_RESKEY_CRM_meta_interval: interval });
      expect((await run('monitor', call, region)).exit).toBe('success');
    }
  });

  it('is ended by a stop before anything else', async () => {
    const region = aRegion({ job: { state: 'runs' } });
    expect((await play(region, 'rewind', { action: 'stop' })).exit).toBe('success');
    expect(region.story[0]).toBe('end rejoin');
  });

  const because = { code: 'REJOIN_FAILED', step: 'rewind', message: 'no space' } as const;
  it('that has failed fails the monitor with its reason; a probe only says that nothing runs', async () => {
    const job = { state: 'failed', because, atMs: 0 } as const;
    expect(await play(aRegion({ job }), 'rewind', { action: 'monitor' })).toEqual({ exit: 'generic', because });
    const probe = aCall({}, { OCF_RESKEY_CRM_meta_interval: '0' });
    expect((await run('monitor', probe, aRegion({ job }))).exit).toBe('notRunning');
  });

  it('that fails while its start waits fails the start; one of an earlier start is begun anew', async () => {
    const now = aSnapshot().nowMs;
    const fresh = aRegion({ missing: 'empty', background: true, job: { state: 'failed', because, atMs: now } });
    expect(await play(fresh)).toEqual({ exit: 'generic', because });
    const old = aRegion({ missing: 'empty', background: true, job: { state: 'failed', because, atMs: now - 5000 } });
    expect((await play(old)).exit).toBe('success');
    expect(old.story).toContain('begin rejoin');
  });

  it('is none for what takes no time', async () => {
    const region = aRegion({ lock: true, evidence: sameHistory, background: true });
    expect((await play(region)).exit).toBe('success');
    expect(region.story).not.toContain('begin rejoin');
  });
});
