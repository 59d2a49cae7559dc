// A former primary is started, or not, by what was found out about its data.
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../agent/run.ts';
import type { Evidence } from '../../../agent/rules/lock.ts';
import { aCall, aNode, aSnapshot, PretendRegion } from './pretend-region.ts';

const same: Evidence = {
  verdict: 'same history',
  timeline: 1,
  end: '0/3000000',
  primary: 'timeline 2 at 0/3000100',
  bytes: true,
};
const diverged: Evidence = {
  verdict: 'diverged',
  timeline: 1,
  fork: '0/3000000',
  end: '0/3000400',
  bytes: '1024',
  systemId: '7000000000000000001',
  primary: 'timeline 2 at 0/3000100',
  primaryTimeline: 2,
  rewindable: true,
};
const foreign: Evidence = { verdict: 'foreign system', local: '1', primary: '2' };
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

  it('puts the advice where Pacemaker does not cut it off', async () => {
    const { end } = await start(diverged, 'db2');
    expect(end.because).toMatchObject({ bytes: '1024', fork: '0/3000000', end: '0/3000400' });
  });
});
