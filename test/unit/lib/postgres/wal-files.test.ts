// WAL by the names of its files, and received from a primary.
import { describe, expect, it } from '@jest/globals';
import { receiveArgv } from '../../../../lib/postgres/receivewal.ts';
import { newestTimeline, segmentsOf } from '../../../../lib/postgres/wal-files.ts';

const names = [
  '000000010000000000000004',
  '000000010000000000000005',
  '000000020000000000000005',
  '000000020000000000000006',
  '000000020000000000000007',
  '0000000200000001000000FF',
  '00000002.history',
  '000000020000000000000005.partial',
  'archive_status',
];

describe('the segments of a stretch of WAL', () => {
  const segmentBytes = 16 * 1024 * 1024;

  it('are those of any timeline, and not what was recycled for WAL to come', () => {
    expect(segmentsOf(names, { from: 0x5000028n, to: 0x6000100n, segmentBytes })).toEqual([
      '000000010000000000000005',
      '000000020000000000000005',
      '000000020000000000000006',
    ]);
  });
});

describe('the newest timeline', () => {
  const first = '000000010000000000000003';
  const third = '000000030000000000000003';

  it.each([
    ['of no WAL', [], undefined],
    ['without a promotion', [first], 1],
    ['with the history of a later one', [first, third, '00000003.history'], 3],
    ['of which a rewind has left a file and no history', [first, third, '00000002.history'], 1],
    ['of which there is a history and no WAL yet', [first, '00000003.history'], 1],
  ] as const)('%s', (_, files, newest) => expect(newestTimeline(files)).toBe(newest));
});

describe('pg_receivewal', () => {
  it('is told a byte less: it goes on until it is beyond, and an idle primary would let it wait', () => {
    const argv = receiveArgv('/bin/pg_ctl', 'replication', { into: '/tmp/ask', to: 0x3000100n });
    expect(argv).toContain('--endpos=0/30000FF');
  });
});
