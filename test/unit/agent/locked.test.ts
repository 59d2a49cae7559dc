// A former primary is started, or not, by what was found out about its data.
import { describe, expect, it } from '@jest/globals';
import { run, type End } from '../../../agent/run.ts';
import type { Evidence } from '../../../agent/rules/lock.ts';
import { aCall, aNode, aSnapshot, diverged, foreign, PretendRegion } from './pretend-region.ts';

const same: Evidence = {
  verdict: 'same history',
  timeline: 1,
  end: '0/3000000',
  primary: 'timeline 2 at 0/3000100',
  bytes: true,
};
const nobody: Evidence = { verdict: 'no primary', because: 'no answer in time' };
const unknown: Evidence = { verdict: 'unknown', because: 'pg_waldump is not there' };

async function start(evidence: Evidence | undefined, promoted?: 'db2') {
  const db2 = aNode('db2', {}, promoted === undefined ? {} : { role: 'Promoted' });
  const cluster = { nodes: { db1: aNode('db1'), db2 }, quorate: true, fencing: true };
  const region = new PretendRegion(aSnapshot({ lock: true, evidence, cluster }));
  const end = await run('start', aCall(), region);
  const started = region.story.includes('start server');
  // The lock is only ever removed by a start that goes on.
  expect(region.story.includes('remove PGSQL.lock')).toBe(started);
  expect(region.now.lock).toBe(!started);
  return { started, end, told: region.reasons.map(({ code }) => code) };
}

const withRewind = aCall({ rejoin: 'rewind' });

async function rewinding(killAfter = Infinity, evidence: Evidence = { ...diverged, crashed: true }) {
  const nodes = { db1: aNode('db1'), db2: aNode('db2', {}, { role: 'Promoted' }) };
  const region = new PretendRegion(
    aSnapshot({ lock: true, evidence, cluster: { nodes, quorate: true, fencing: true } }),
  );
  region.killAfter = killAfter;
  const end = await run('start', withRewind, region).catch((): End => ({ exit: 'generic' }));
  return { region, end };
}

describe('a start with a lock', () => {
  it('goes on where the primary has all that is here, and says what shows it', async () => {
    expect(await start(same, 'db2')).toMatchObject({ started: true, end: { exit: 'success' }, told: ['UNLOCKED'] });
  });

  it('goes on as a candidate where there is no primary', async () => {
    expect(await start(nobody)).toMatchObject({ started: true, end: { exit: 'success' } });
  });

  it('waits, and is refused, where one is promoted and does not answer', async () => {
    expect(await start(nobody, 'db2')).toMatchObject({
      started: false,
      end: { exit: 'generic', because: { code: 'LOCKED' } },
    });
  });

  it.each([
    ['there is more here than there', diverged, 'generic', 'DIVERGED'],
    ['it is another system', foreign, 'installed', 'FOREIGN_DATA'],
    ['something cannot be read', unknown, 'generic', 'LOCKED'],
    ['nothing was found out', undefined, 'generic', 'LOCKED'],
  ] as const)('is refused where %s', async (_, evidence, ...[exit, code]) => {
    expect(await start(evidence, 'db2')).toMatchObject({ started: false, end: { exit, because: { code } } });
  });

  it('with rejoin=rewind keeps what is here only, up to its end, rewinds, finds the same history, and starts', async () => {
    const { region, end } = await rewinding();
    const told = ['recover server', 'keep diverged WAL in kept/1-0_3000000', 'write rejoin', 'rewind', 'remove rejoin'];
    expect(region.story.slice(0, 5)).toEqual(told);
    expect(region.story).toContain('remove PGSQL.lock');
    expect(end.exit).toBe('success');
  });

  it('killed after any step and called again, ends the same, and never starts what is half rewound', async () => {
    const whole = await rewinding();
    for (let n = 0; n < whole.region.story.length; n++) {
      const { region } = await rewinding(n);
      const marked = region.now.rewinding !== undefined;
      expect(marked && region.now.postmaster !== undefined).toBe(false);
      region.killAfter = Infinity;
      expect((await run('start', withRewind, region)).exit).toBe('success');
      expect(region.now.rewinding).toBeUndefined();
      expect(region.now.lock).toBe(false);
    }
  });

  it('recovers a crashed one first, even if something was kept of it for a copy', async () => {
    const nodes = { db1: aNode('db1'), db2: aNode('db2', {}, { role: 'Promoted' }) };
    const region = new PretendRegion({
      ...aSnapshot({ lock: true, evidence: { ...diverged, crashed: true } }),
      kept: { whole: true, rewound: false, noRewind: undefined },
      cluster: { nodes, quorate: true, fencing: true },
    });
    await run('start', withRewind, region);
    expect(region.story.slice(0, 2)).toEqual(['recover server', 'keep diverged WAL in kept/1-0_3000000']);
  });

  it('is refused after a rewind that did not end, if rewinding is not allowed any more', async () => {
    const { region } = await rewinding(3);
    region.killAfter = Infinity;
    expect(region.now.rewinding).toBe('1-0_3000000');
    expect(await run('start', aCall(), region)).toMatchObject({
      exit: 'generic',
      because: { code: 'REWIND_UNFINISHED' },
    });
  });

  it('is refused where no rewind can tell what differs', async () => {
    const { story, end } = await rewinding(Infinity, { ...diverged, rewindable: false }).then(
      ({ region, end: last }) => ({ story: region.story, end: last }),
    );
    expect(story).not.toContain('rewind');
    expect(end).toMatchObject({ exit: 'generic', because: { code: 'DIVERGED' } });
  });

  it('puts the advice where Pacemaker does not cut it off', async () => {
    const { end } = await start(diverged, 'db2');
    expect(end.because).toMatchObject({ bytes: '1024', fork: '0/3000000', end: '0/3000400' });
  });
});
