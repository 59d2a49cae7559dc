import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnreadableAnswer } from '../../../lib/host/exec.ts';
import { keep, keptLine, keptOf, keptSql, keptText, readKept, stepSql, type Kept } from '../../../global/rules/kept.ts';

const MB = 1_048_576n;
const aPrimary: Kept = {
  limit: 4096n * MB,
  most: 1024n * MB,
  slot: { from: 10n * MB, lost: false, foreign: false },
  redo: 30n * MB,
  checkpoint: 31n * MB,
  end: 50n * MB,
  inRecovery: false,
  flushed: 49n * MB,
};
const aStandby: Kept = { ...aPrimary, inRecovery: true, flushed: undefined };
const lost = { from: undefined, lost: true, foreign: false };

describe('the slot for the other site', () => {
  it.each<[string, Kept, ReturnType<typeof keep>]>([
    ['is made', { ...aPrimary, slot: undefined }, { do: 'make slot' }],
    ['is made on a standby too', { ...aStandby, slot: undefined }, { do: 'make slot' }],
    ['is not made without a limit', { ...aPrimary, limit: undefined, slot: undefined }, undefined],
    ['is dropped when the limit is taken away', { ...aPrimary, limit: undefined }, { do: 'drop slot' }],
    ['moves to the last checkpoint', aPrimary, { do: 'move slot', to: 30n * MB }],
    ['stays with a standby that lags', { ...aPrimary, flushed: 20n * MB }, undefined],
    // The walsender of a site that is gone is there for another minute, and a checkpoint ends meanwhile.
    ['stays when the other site lacks the record of the checkpoint', { ...aPrimary, flushed: 31n * MB }, undefined],
    ['of another kind is left alone', { ...aPrimary, slot: { ...lost, foreign: true } }, undefined],
    [
      'of another kind is left alone, without a limit too',
      { ...aPrimary, limit: undefined, slot: { ...lost, foreign: true } },
      undefined,
    ],
    ['moves to the last restartpoint on a standby', aStandby, { do: 'move slot', to: 30n * MB }],
    ['stays while the other site is away', { ...aPrimary, flushed: undefined }, undefined],
    ['does not move back', { ...aPrimary, slot: { from: 40n * MB, lost: false, foreign: false } }, undefined],
    ['that keeps nothing stays while the other is away', { ...aPrimary, slot: lost, flushed: undefined }, undefined],
    ['that keeps nothing is made anew when it is back', { ...aPrimary, slot: lost }, { do: 'drop slot' }],
  ])('%s', (_, kept, step) => expect(keep(kept)).toEqual(step));

  it('never gives up WAL that a rewind would begin with', () => {
    const lsn = fc.bigInt(1n, 1000n);
    const any = fc.record({ from: lsn, redo: lsn, after: lsn, flushed: fc.option(lsn, { nil: undefined }), end: lsn });
    fc.assert(
      fc.property(any, fc.boolean(), ({ from, after, ...rest }, inRecovery) => {
        const checkpoint = rest.redo + after;
        const step = keep({ limit: MB, most: MB, inRecovery, checkpoint, slot: { from, lost: false, foreign: false }, ...rest }); // prettier-ignore
        if (step === undefined) return true;
        const bothHaveTheRecord = inRecovery || (rest.flushed !== undefined && rest.flushed > checkpoint);
        return step.do === 'move slot' && bothHaveTheRecord && step.to === rest.redo && step.to > from;
      }),
    );
  });
});

describe('what is said of it', () => {
  it('in the log', () => {
    expect(keptLine({ ...aPrimary, limit: undefined }, undefined)?.[1]).toContain('has no limit');
    expect(keptLine({ ...aPrimary, slot: lost }, undefined)?.[1]).toContain('what was kept is gone');
    expect(keptLine({ ...aPrimary, most: 5000n * MB }, undefined)?.[1]).toContain('less than max_wal_size');
    expect(keptLine({ ...aPrimary, slot: undefined }, { do: 'make slot' })?.[0]).toBe('INFO');
    expect(keptLine(aPrimary, { do: 'move slot', to: 30n * MB })).toBeUndefined();
  });
  it.each([
    [aPrimary, '40 MB of WAL for the other site, from 0/A00000; at most 4096 MB'],
    [{ ...aPrimary, slot: undefined }, 'no WAL for the other site yet (if it stays so: journalctl -u cfha-global-watch)'],
    [{ ...aPrimary, slot: lost }, 'WAL for the other site: what was kept is gone: more was written than the 4096 MB of max_slot_wal_keep_size (or, PostgreSQL 18, idle_replication_slot_timeout has ended it)'],
    [{ ...aPrimary, limit: undefined }, 'WAL for the other site: none is kept: max_slot_wal_keep_size has no limit, and the disk would fill; set one'],
  ])('in the status %#', (kept, text) => expect(keptText(keptOf(kept))).toBe(text)); // prettier-ignore
});

describe('the question', () => {
  const row = { limit_mb: '4096', most_mb: '1024', in_recovery: false, redo: '0/1E00000', checkpoint: '0/1F00000', is_foreign: false, wal_end: '0/3200000', flushed: '0/3100000', slot_name: 'cfha_global', kept_from: '0/A00000', wal_status: 'reserved' }; // prettier-ignore
  it('is read', () => expect(readKept(row)).toEqual(aPrimary));
  it('knows none, and no limit', () => {
    const none = { slot_name: null, kept_from: null, wal_status: null, limit_mb: '-1', flushed: null };
    expect(readKept({ ...row, ...none })).toEqual({ ...aPrimary, limit: undefined, flushed: undefined, slot: undefined }); // prettier-ignore
    expect(readKept({ ...row, kept_from: null, wal_status: 'lost' }).slot).toEqual(lost);
  });
  it.each(['limit_mb', 'most_mb', 'in_recovery', 'redo', 'checkpoint', 'wal_end', 'flushed', 'kept_from'])('names what is garbage: %s', (name) => {
    for (const value of ['garbage', '0/', 7, {}, 'x'.repeat(1_000_000)])
      expect(() => readKept({ ...row, [name]: value })).toThrow(`for ${name}`);
  }); // prettier-ignore
  it('never takes a torn row for an answer', () => {
    for (const name of ['limit_mb', 'most_mb', 'in_recovery', 'redo', 'checkpoint', 'wal_end'])
      expect(() => readKept({ ...row, [name]: undefined })).toThrow(UnreadableAnswer);
    expect(() => readKept(undefined)).toThrow(UnreadableAnswer);
  });
  it('quotes the name of the other site', () => expect(keptSql("o'brien")).toContain("= 'o''brien'"));
  it('moves to a position', () => {
    const to = 30n * MB;
    expect(stepSql({ do: 'move slot', to })).toBe("select pg_replication_slot_advance('cfha_global', '0/1E00000')");
  });
});
