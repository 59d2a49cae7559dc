// Which WAL of a former primary is laid beside the primary's.
import { describe, expect, it } from '@jest/globals';
import { stretchToCompare } from '../../../agent/rules/lock.ts';

const systemId = '7000000000000000001';
const segmentBytes = 0x1000000;
const ancestors = [{ timeline: 1, until: 0x3000100n }];
const primary = { answers: { systemId, timeline: 2, end: 0x3400000n, ancestors }, inRecovery: false };

describe('the stretch of WAL that has to be the same', () => {
  it('begins where the timeline does, and ends where the WAL does', () => {
    const local = { systemId, timeline: 2, end: 0x3200000n, ancestors };
    expect(stretchToCompare({ local, other: primary }, { written: 0x3200000n, segmentBytes })).toEqual({
      file: '000000020000000000000003',
      begin: 0x3000000n,
      from: 0x3000100n,
      to: 0x3200000n,
    });
  });

  it('does not hold what the data need and pg_wal has not, as after a rewind', () => {
    const local = { systemId, timeline: 2, end: 0x3300000n, ancestors };
    expect(stretchToCompare({ local, other: primary }, { written: 0x3200000n, segmentBytes })?.to).toBe(0x3200000n);
    expect(stretchToCompare({ local, other: primary }, { written: 0x3000100n, segmentBytes })).toBeUndefined();
  });

  it('is the last segment’s part of a timeline that began before', () => {
    const local = { systemId, timeline: 2, end: 0x5000010n, ancestors };
    const other = { ...primary, answers: { ...primary.answers, end: 0x6000000n } };
    expect(stretchToCompare({ local, other }, { written: 0x5000000n, segmentBytes })).toMatchObject({
      file: '000000020000000000000004',
      from: 0x4000000n,
      to: 0x5000000n,
    });
  });

  it('is none beside a standby or a history that has parted', () => {
    const local = { systemId, timeline: 1, end: 0x3000200n, ancestors: [] };
    const where = { written: 0x3000200n, segmentBytes };
    expect(stretchToCompare({ local, other: primary }, where)).toBeUndefined();
    expect(stretchToCompare({ local, other: { ...primary, inRecovery: true } }, where)).toBeUndefined();
    expect(stretchToCompare({ local, other: { silent: 'no answer' } }, where)).toBeUndefined();
  });
});
