// Which WAL of a former primary is laid beside the primary's, and what follows.
import { describe, expect, it } from '@jest/globals';
import { inWords, judgeEvidence, keptName, recordOf, stretchToCompare } from '../../../agent/rules/lock.ts';

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

  it('is what both have of a history that has parted', () => {
    const local = { systemId, timeline: 1, end: 0x3000200n, ancestors: [] };
    expect(stretchToCompare({ local, other: primary }, { written: 0x3000200n, segmentBytes })).toMatchObject({
      file: '000000010000000000000003',
      to: 0x3000100n,
    });
  });

  it('is none beside a standby, or of nobody', () => {
    const local = { systemId, timeline: 2, end: 0x3200000n, ancestors };
    const where = { written: 0x3200000n, segmentBytes };
    expect(stretchToCompare({ local, other: { ...primary, inRecovery: true } }, where)).toBeUndefined();
    expect(stretchToCompare({ local, other: { silent: 'no answer' } }, where)).toBeUndefined();
  });
});

describe('the evidence', () => {
  const local = { systemId, timeline: 1, end: 0x3000200n, ancestors: [] };

  it('of a history that has parted names what is here only', () => {
    expect(judgeEvidence({ local, other: primary }, 'same', false)).toMatchObject({
      verdict: 'diverged',
      fork: '0/3000100',
      bytes: '256',
      rewindable: true,
    });
  });

  it('does not trust timelines where the bytes are others: no rewind knows where they parted', () => {
    const expected = { verdict: 'diverged', fork: '0/0', rewindable: false };
    expect(judgeEvidence({ local, other: primary }, 'other', false)).toMatchObject(expected);
    const ahead = { answers: { ...local, end: 0x3000100n }, inRecovery: false };
    expect(judgeEvidence({ local, other: ahead }, 'other', false)).toMatchObject(expected);
    expect(judgeEvidence({ local, other: ahead }, 'same', false)).toMatchObject({
      fork: '0/3000100',
      rewindable: false,
    });
  });

  it('says that the point is unknown where a timeline was kept, and why', () => {
    const kept = { answers: { ...local, end: 0x3000400n }, inRecovery: false };
    const evidence = judgeEvidence({ local, other: kept }, 'other', true);
    const told = [inWords(evidence), recordOf(evidence) ?? ''];
    expect(told[0]).toMatch(/unknown point of timeline 1 \(restart_on_promote=true begins no new timeline\) to 0\/3000200; the primary is on timeline 1 at 0\/3000400/);
    expect(told[0]).not.toMatch(/bytes|0\/0/);
    expect(told[1]).toBe('diverged 50332160 1 0/0 0/3000200 fork-unknown');
    expect(inWords(judgeEvidence({ local, other: kept }, 'other', false))).toContain('two servers have written a timeline 1');
    const ahead = { answers: { ...local, end: 0x3000100n }, inRecovery: false };
    expect(inWords(judgeEvidence({ local, other: ahead }, 'not there', true))).toContain('unknown point');
    expect(inWords(judgeEvidence({ local, other: ahead }, 'same', true))).toContain('256 bytes of WAL are here only (timeline 1, 0/3000100 to 0/3000200)');
  }); // prettier-ignore

  it('keeps the name of what is kept of it', () => {
    expect(keptName({ timeline: 1, fork: '0/0' })).toBe('1-0_0');
  });

  it('knows that pg_rewind cannot tell two timelines of one number apart', () => {
    const twin = { systemId, timeline: 2, end: 0x3000200n, ancestors: [{ timeline: 1, until: 0x3000080n }] };
    expect(judgeEvidence({ local: twin, other: primary }, 'same', false)).toMatchObject({
      fork: '0/3000080',
      rewindable: false,
    });
  });

  it('of another system, and of no common timeline', () => {
    const foreign = { answers: { ...primary.answers, systemId: '1' }, inRecovery: false };
    expect(judgeEvidence({ local, other: foreign }, 'not there', false).verdict).toBe('foreign system');
    const apart = { answers: { systemId, timeline: 7, end: 0x3400000n, ancestors: [] }, inRecovery: false };
    expect(judgeEvidence({ local, other: apart }, 'not there', false).verdict).toBe('unknown');
  });
});
