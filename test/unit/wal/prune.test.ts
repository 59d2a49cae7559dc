import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readWalName } from '../../../lib/postgres/wal-names.ts';
import type { Listing, WalFile } from '../../../wal/listing.ts';
import { placeOf } from '../../../wal/listing.ts';
import type { Server } from '../../../wal/needs.ts';
import { prune, stretch, type Found } from '../../../wal/prune.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-25T12:00:00Z');
const mb = 1 << 20;

function file(name: string, ageDays: number): WalFile {
  const wal = readWalName(name);
  if (wal === undefined) throw new Error(name);
  return { name, bytes: mb, at: now - ageDays * day, wal };
}

const segmentName = (n: number, timeline = 1): string =>
  `${timeline.toString(16).padStart(8, '0')}${'0'.repeat(8)}${n.toString(16).padStart(8, '0')}`.toUpperCase();

/** Segments 1 to 20, one every half day, the last one now. */
const segments = Array.from({ length: 20 }, (_, n) => file(segmentName(n + 1), (20 - n - 1) / 2));
const lsn = (segment: number, offset = 0x28): bigint => BigInt(segment * mb + offset);

const server: Server = {
  ...{ inRecovery: false, systemId: '7', timeline: 1, segmentBytes: mb, restart: lsn(20) },
  ...{ standbys: [], slots: [], backups: 0, archiver: { waiting: 0, failing: undefined } },
};

function found(files: readonly WalFile[], changes: Partial<Found> = {}): Found {
  const sorted = files.toSorted((a, b) => (placeOf(a) + a.name < placeOf(b) + b.name ? -1 : 1));
  return { listing: { files: sorted, parts: [] }, server, notes: [], node: 'db1', nowMs: now, ...changes };
}

function pruned(given: Found, keepDays = 3) {
  const result = prune(given, { keepDays, standbyDays: 7 });
  if ('refused' in result) throw new Error(result.refused);
  return { ...result, gone: stretch(result.remove), by: result.holds[0]?.by };
}

const backup = (segment: number, ageDays: number) => file(`${segmentName(segment)}.00000028.backup`, ageDays);

describe('what keeps WAL', () => {
  it('age: what is younger, and all after it', () => {
    const { gone, by, kept, warnings } = pruned(found(segments));
    expect([gone, by]).toEqual([`${segmentName(1)} … ${segmentName(13)}`, 'age']);
    expect(kept).toHaveLength(7);
    expect(warnings).toEqual([expect.stringContaining('no base backup is recorded')]);
  });

  it('a base backup within the time needs the last one before it kept: between them nothing else restores', () => {
    const { gone, by, remove, warnings } = pruned(found([...segments, backup(2, 9), backup(5, 7), backup(15, 2)]));
    expect([gone, by]).toEqual([`${segmentName(1)} … ${segmentName(4)}`, 'backup']);
    expect(remove.map(({ name }) => name)).toContain(`${segmentName(2)}.00000028.backup`);
    expect(warnings).toEqual([]);
  });

  it('the only base backup, however old', () => {
    expect(pruned(found([...segments, backup(3, 8.5)]))).toMatchObject({ by: 'backup', gone: `${segmentName(1)} … ${segmentName(2)}` }); // prettier-ignore
    expect(pruned(found([...segments, backup(3, 1)]))).toMatchObject({ by: 'backup' });
  });

  it('a backup that began before an older one ended', () => {
    expect(pruned(found([...segments, backup(6, 5), backup(4, 2)]))).toMatchObject({ by: 'backup', gone: `${segmentName(1)} … ${segmentName(3)}` }); // prettier-ignore
  });

  const holding: readonly { what: string; changes: Partial<Found>; by: string; removed: number }[] = [
    { what: 'a slot', changes: { server: { ...server, slots: [{ who: 'db2', from: lsn(5) }] } }, by: 'slot', removed: 4 },
    { what: 'a standby that streams', changes: { server: { ...server, standbys: [{ who: 'db2', from: lsn(6) }] } }, by: 'standby', removed: 5 },
    { what: 'a standby that has not said yet', changes: { server: { ...server, standbys: [{ who: 'db2', from: undefined }] } }, by: 'standby', removed: 0 },
    { what: 'a base backup that is being taken', changes: { server: { ...server, backups: 1 } }, by: 'running backup', removed: 0 },
    { what: 'the server itself', changes: { server: { ...server, restart: lsn(3) } }, by: 'server', removed: 2 },
    { what: 'a standby that is away', changes: { notes: [{ node: 'db2', from: lsn(7), at: now - 6 * day }] }, by: 'restart', removed: 6 },
  ]; // prettier-ignore
  it.each(holding)('$what', ({ changes, by, removed }) => {
    const result = pruned(found(segments, changes));
    expect([result.by, result.remove.length]).toEqual([by, removed]);
  });

  it('not the note of a standby that has been away for too long, and not our own', () => {
    expect(pruned(found(segments, { notes: [{ node: 'db2', from: lsn(7), at: now - 8 * day }] })).by).toBe('age');
    expect(pruned(found(segments, { notes: [{ node: 'db1', from: lsn(7), at: now }] })).by).toBe('age');
  });

  it('timelines: a segment counts by its place, whatever its timeline, and histories stay', () => {
    const older = [file('00000002.history', 9), file(`${segmentName(4)}.partial`, 8), file(segmentName(4, 2), 8)];
    const second = { ...server, timeline: 2, slots: [{ who: 's', from: lsn(4) }] };
    const result = pruned(found([...segments, ...older], { server: second }));
    expect(result.remove).toHaveLength(3);
    expect(result.kept.map(({ name }) => name)).toEqual(expect.arrayContaining(older.map(({ name }) => name)));
  });
});

it('an old file among young ones stays: there is no gap', () => {
  const odd = segments.map((one, n) => (n === 3 ? { ...one, at: now } : one));
  expect(pruned(found(odd)).gone).toBe(`${segmentName(1)} … ${segmentName(3)}`);
});

it('WAL of a newer timeline is another primary’s: nothing is said to be superfluous', () => {
  const newer = prune(found([...segments, file('00000002.history', 0)]), { keepDays: 3, standbyDays: 7 });
  expect(newer).toEqual({ refused: expect.stringContaining('00000002.history') });
});

it('unfinished files go when nobody can be writing them any more', () => {
  const parts = [{ name: '.a.cfha-new', at: now - 2 * 3_600_000 }, { name: '.b.cfha-new', at: now - 60_000 }]; // prettier-ignore
  const listing: Listing = { files: segments, parts };
  expect(pruned(found(segments, { listing })).parts).toEqual(['.a.cfha-new']);
});

it('an empty archive has nothing to remove', () => {
  expect(pruned(found([])).remove).toEqual([]);
});

it('whatever there is: nothing that somebody needs is removed, only a beginning is, and a second time finds nothing', () => {
  const part = fc.integer({ min: 1, max: 30 });
  const need = fc.array(part.map((n) => ({ who: `s${n}`, from: lsn(n) })), { maxLength: 3 }); // prettier-ignore
  const archives = fc.record({
    files: fc.uniqueArray(fc.tuple(part, fc.integer({ min: 0, max: 10 })), { maxLength: 25, selector: ([n]) => n }),
    backups: fc.uniqueArray(fc.tuple(part, fc.integer({ min: 0, max: 10 })), { maxLength: 4, selector: ([n]) => n }),
    ...{ slots: need, standbys: need, notes: need },
    keepDays: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(archives, ({ files, backups, slots, standbys, notes, keepDays }) => {
      const all = [...files.map(([n, age]) => file(segmentName(n), age)), ...backups.map(([n, age]) => backup(n, age))];
      const at = now - day;
      const changes = {
        server: { ...server, slots, standbys },
        notes: notes.map(({ who, from }) => ({ node: who, from, at })),
      };
      const { remove, kept } = pruned(found(all, changes), keepDays);
      const last = remove.map(placeOf).reduce((a, b) => (a > b ? a : b), '');
      const needed = [...slots, ...standbys, ...notes].map(({ from }) =>
        segmentName(Number(from / BigInt(mb))).slice(8),
      );
      expect(needed.every((place) => place > last)).toBe(true);
      expect(remove.every(({ at: time }) => now - time > keepDays * day)).toBe(true);
      expect(kept.every((one) => placeOf(one) > last)).toBe(true);
      // If there was a base backup, there is one, and all of what there was from its beginning on.
      const isBackup = ({ wal }: WalFile) => wal.kind === 'backup';
      expect(kept.some(isBackup)).toBe(all.some(isBackup));
      expect(pruned(found(kept, changes), keepDays).remove).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
