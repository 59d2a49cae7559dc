import { describe, expect, it, test } from '@jest/globals';
import { phasesOf, readJournal, telling } from '../../../verify/measure/phases.ts';
import { overlapOf, spansOf } from '../../../verify/measure/writable.ts';
import { measureOf, outcomeOf, perSecondOf, type Write } from '../../../verify/measure/writes.ts';

const write = (n: number, atMs: number, outcome: Write['outcome'] = 'acknowledged'): Write => ({ n, atMs, outcome });

describe('the client’s account', () => {
  const written = {
    writes: [write(1, 20), write(2, 40), write(3, 60, 'uncertain'), write(4, 80, 'failed'), write(5, 4040), write(6, 4060)],
    present: new Map([[1, 1], [3, 1], [5, 2], [6, 1]]),
    ...{ beganMs: 0, endedMs: 4100 },
  }; // prettier-ignore

  it('counts what is lost, what is there twice, and what nobody knew', () => {
    expect(measureOf(written)).toMatchObject({
      ...{ acknowledged: 4, failed: 1, uncertain: 1, uncertainKept: 1, lost: 1, lostNumbers: [2], duplicated: 1 },
      ...{ longestGap: 4, gaps: [{ at: 0.04, seconds: 4 }] },
    });
  });

  it('does not call lost what could not be read back', () => {
    expect(measureOf({ ...written, present: undefined }).lost).toBeUndefined();
  });

  it('counts by seconds', () => expect(perSecondOf(written)).toEqual([2, 0, 0, 0, 2]));

  test.each([
    ['23505', 'failed'], // unique_violation: an answer
    ['53100', 'failed'], // disk_full
    ['57P01', 'uncertain'], // admin_shutdown: a commit that waits may be on the disk
    ['08006', 'uncertain'],
    ['ECONNRESET', 'uncertain'],
    ['EPIPE', 'uncertain'], // five letters, and no SQLSTATE
    [undefined, 'uncertain'],
  ])('%s is %s', (code, outcome) => expect(outcomeOf(code)).toBe(outcome));
});

describe('two writable servers', () => {
  const answer = (node: string, atMs: number, writable = true) => ({ node, atMs, writable });

  it('are found if one takes writes before and after the other', () => {
    const overlap = overlapOf([answer('db1', 0), answer('db2', 100), answer('db1', 200)]);
    expect(overlap).toEqual({ nodes: ['db1', 'db2'], atMs: 100 });
  });

  it('are not a failover, nor one there and back', () => {
    expect(overlapOf([answer('db1', 0), answer('db1', 200), answer('db2', 5000), answer('db2', 5200)])).toBeUndefined();
    const back = [answer('db1', 0), answer('db1', 100, false), answer('db2', 5000), answer('db2', 5100, false), answer('db1', 9000)]; // prettier-ignore
    expect(overlapOf(back)).toBeUndefined();
  });

  it('are spans of time, for the drawing', () => {
    expect(spansOf([answer('db1', 0), answer('db1', 250), answer('db2', 400), answer('db1', 9000)])).toEqual([
      { node: 'db1', fromMs: 0, toMs: 250 },
      { node: 'db2', fromMs: 400, toMs: 400 },
      { node: 'db1', fromMs: 9000, toMs: 9000 },
    ]);
  });
});

/** Journals of a testbed of Debian 12, Pacemaker 2.1.5. */
const db1 = `1795617065.752868 db1 pacemaker-schedulerd[63]:  notice: Actions: Move       pgvip            (                 db1 -> db2 )
1795617065.752900 db1 pacemaker-schedulerd[63]:  notice: Actions: Stop       postgresql:0     (               Promoted db1 )  due to node availability
1795617066.368199 db1 pacemaker-controld[64]:  notice: Result of demote operation for postgresql on db1: ok`;
const db2 = `1795617067.054810 db2 pacemaker-attrd[62]:  notice: Setting fail-count-postgresql#monitor_3000[db1]: (unset) -> 1
1795617070.542789 db2 pacemaker-controld[64]:  notice: Result of promote operation for postgresql on db2: ok
1795617071.402818 db2 pacemaker-controld[64]:  notice: Result of start operation for pgvip on db2: ok
not a line of a journal`;

describe('the phases of a failover', () => {
  const brokenMs = 1_795_617_063_000;
  // db2's clock is 1.4 s ahead of ours
  const lines = [...readJournal('db1', db1, 0), ...readJournal('db2', db2, 1400)];
  const moment = { lines, brokenMs, firstWriteMs: brokenMs + 8000, vip: 'pgvip' };

  it('are told by the nodes’ journals, on one clock', () => {
    const phases = phasesOf(moment).map(({ phase, atMs }) => [phase, Math.round((atMs - brokenMs) / 100) / 10]);
    expect(phases).toEqual([['detected', 2.7], ['promoted', 6.1], ['VIP moved', 7], ['first write', 8]]); // prettier-ignore
  });

  it('are not those of a later event, nor of one before', () => {
    expect(phasesOf({ ...moment, firstWriteMs: brokenMs + 1000 }).map(({ phase }) => phase)).toEqual(['first write']); // prettier-ignore
    expect(phasesOf({ ...moment, brokenMs: brokenMs + 10_000, firstWriteMs: undefined })).toEqual([]);
  });

  it('know a fencing by its end', () => {
    const fenced = "1795617151.312605 db1 pacemaker-fenced[60]:  notice: Operation 'reboot' targeting db2 by db1 for stonith_admin.1079@db1: OK (complete)";
    expect(phasesOf({ ...moment, lines: readJournal('db1', fenced, 0), brokenMs: 1_795_617_150_000, firstWriteMs: undefined })).toMatchObject([{ phase: 'fenced' }]);
  }); // prettier-ignore

  it('leave the lines that tell something', () => {
    expect(telling(lines).map(({ node }) => node)).toEqual(['db2', 'db1', 'db2', 'db2']);
  });
});
