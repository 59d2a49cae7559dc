import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDry, written } from '../../../global/rejoin.ts';
import type { Facts } from '../../../global/rules/facts.ts';
import { mayPromote, mayTakeOver, rejoin } from '../../../global/rules/return.ts';
import { segment } from '../wal/archive-of.ts';
import { allSay, aPrimary, aStandby, silent } from './pretend-sites.ts';

const primaryThere = aStandby.other;
const away: Facts = { ...aPrimary, server: 'stopped', gate: 'closed', systemId: undefined, other: primaryThere };
const wish = { clone: false, half: false };

describe('rejoin', () => {
  it.each<[string, Partial<Facts>, Partial<typeof wish>, object]>([
    ['a former primary', {}, {}, { way: 'rewind', stopFirst: false }],
    ['one that runs, closed', { server: 'primary' }, {}, { way: 'rewind', stopFirst: true }],
    ['after a rewind that has not ended', {}, { half: true }, { way: 'clone', stopFirst: false }],
    ['without data', { startsAs: 'nothing' }, {}, { way: 'clone', stopFirst: false }],
    ['as a person wants it', { server: 'standby', streams: true }, { clone: true }, { way: 'clone', stopFirst: true }],
    ['one that streams', { server: 'standby', streams: true }, {}, { way: 'nothing', stopFirst: false }],
    [
      'nobody to follow',
      { other: silent },
      {},
      { refused: expect.stringContaining('db2 does not answer (connect ETIMEDOUT)') },
    ],
    [
      'a standby there',
      { other: aPrimary.other },
      {},
      { refused: expect.stringContaining('db2 is a standby, so there is no primary to follow') },
    ],
    [
      'another system',
      { systemId: '8' },
      {},
      { refused: expect.stringContaining('the data here are of system 8, those of db2 of 7') },
    ],
    [
      'an open primary',
      { server: 'primary', gate: 'open' },
      {},
      { refused: 'this site is open as the primary: to change places, cfha global switchover on db2' },
    ],
  ])('%s', (...[, facts, more, expected]) =>
    expect(rejoin({ ...away, ...facts }, { ...wish, ...more })).toEqual(expected),
  );
});

describe('switchover', () => {
  it('is for a standby that has nearly everything', () => expect(mayTakeOver(aStandby, 0n)).toBeUndefined());
  it.each<[Partial<Facts>, bigint | undefined, string]>([
    [{ server: 'primary' }, 0n, 'primary already'],
    [{ streams: false }, 0n, 'no standby that streams'],
    [{ other: silent }, 0n, 'does not answer as the primary'],
    [{}, undefined, 'an unknown number of bytes behind'],
    [{}, 1n << 30n, 'bytes behind'],
    [{ views: allSay(undefined) }, 0n, 'no majority'],
  ])('%j', (facts, lag, because) => expect(mayTakeOver({ ...aStandby, ...facts }, lag)).toContain(because));
});

describe('failover, by a person’s word', () => {
  const atFirst: Facts = { ...aStandby, site: 'first', other: silent, mine: { ...aStandby.mine, followed: 2 }, views: allSay({ epoch: 2, holder: 'second', waitMs: 2000 }) }; // prettier-ignore
  const word: Parameters<typeof mayPromote>[1] = { received: 100n, acceptLoss: false };
  it('is for a standby that has followed the last primary', () => expect(mayPromote(atFirst, word)).toBeUndefined());
  it('is all that decides without witnesses', () =>
    expect(mayPromote({ ...atFirst, views: undefined, mine: aStandby.mine }, word)).toBeUndefined());
  it('of two standbys is for that of the later timeline, with a word about WAL beyond', () => {
    const later: Facts = { ...atFirst, timeline: 2, other: { ...aPrimary.other, position: 999n } as Facts['other'] };
    expect(mayPromote(later, word)).toContain('of an older timeline, beyond what db1 has');
    expect(mayPromote(later, { ...word, acceptLoss: true })).toBeUndefined();
    expect(mayPromote({ ...later, timeline: undefined }, word)).toContain('does not say how far it is');
  });
  it('makes one of two standbys the primary', () =>
    expect(mayPromote({ ...atFirst, other: aPrimary.other }, word)).toBeUndefined());
  it.each<[Partial<Facts>, Partial<typeof word>, string]>([
    [{ server: 'primary' }, {}, 'db1 is the primary already'],
    [{ server: 'stopped' }, {}, 'runs as no standby (stopped)'],
    [{ other: aStandby.other }, {}, 'db2 is the primary, and answers: cfha global switchover'],
    [{ other: aPrimary.other }, { received: 99n }, 'db2 has WAL that db1 has not'],
    [{ other: aPrimary.other }, { received: undefined }, 'db2 has WAL that db1 has not'],
    [
      { other: { ...aPrimary.other, timeline: 2 } as Facts['other'] },
      { received: 999n },
      'db2 is on a later timeline than db1',
    ],
    [
      { mine: aStandby.mine, views: { ...allSay(undefined), own: { epoch: 2, holder: 'second', waitMs: 0 } } },
      {},
      'no majority',
    ],
    [{ views: allSay(undefined) }, { acceptLoss: true }, 'no majority of the witnesses'],
    [{ mine: aStandby.mine }, {}, 'db1 was not seen to follow the last primary'],
  ])('is refused: %#', (...[facts, more, because]) =>
    expect(mayPromote({ ...atFirst, ...facts }, { ...word, ...more })).toContain(because),
  );
  it('takes a loss that was named', () =>
    expect(mayPromote({ ...atFirst, mine: aStandby.mine }, { ...word, acceptLoss: true })).toBeUndefined());
});

it('pg_rewind says what it would do', () => {
  const said = (stderr: string, code = 0) => readDry({ code, stdout: '', stderr });
  expect(said('pg_rewind: servers diverged at WAL location 0/5000148 on timeline 1\npg_rewind: rewinding')).toEqual({ at: 0x5000148n, timeline: 1, text: '0/5000148' }); // prettier-ignore
  expect(said('pg_rewind: no rewind required')).toBe('not needed');
  expect(said('pg_rewind: error: target server needs to use either data checksums', 1)).toBeUndefined();
});

it('WAL is kept, and not what waits under a later name for WAL to come', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cfha-wal-'));
  const put = (name: string, bytes: Buffer): void => writeFileSync(join(folder, name), bytes);
  put('000000010000000000000001', segment('a'));
  put('000000020000000000000001', segment('a')); // the copy that a promotion makes begins with the old timeline's page
  put('000000020000000000000002', segment('b', { address: 0x200000n }));
  put('000000020000000000000003', segment('a')); // recycled
  put('000000020000000000000004', Buffer.alloc(1 << 20)); // made anew
  put('00000002.history', Buffer.from('1\t0/1'));
  expect(written(folder).toSorted()).toEqual([
    '000000010000000000000001',
    '000000020000000000000001',
    '000000020000000000000002',
  ]);
  rmSync(folder, { recursive: true });
});
