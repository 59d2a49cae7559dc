import { describe, expect, it } from '@jest/globals';
import { readWalName } from '../../../lib/postgres/wal-names.ts';
import type { WalFile } from '../../../wal/listing.ts';
import type { Server } from '../../../wal/needs.ts';
import { gapsOf, size, walStatus, walStatusText, type Seen } from '../../../wal/status.ts';

const now = Date.parse('2026-11-25T12:00:00Z');
const hour = 3_600_000;
const mb = 1 << 20;

function file(name: string, hours: number, bytes = mb): WalFile {
  const wal = readWalName(name);
  if (wal === undefined) throw new Error(name);
  return { name, bytes, at: now - hours * hour, wal };
}
const segment = (place: string, timeline = '00000001') => `${timeline}00000000${place}`;
const six = [1, 2, 3, 4, 5, 6].map((n) => file(segment(`0000000${n}`), 12 - 2 * n));

const server: Server = {
  ...{ inRecovery: false, systemId: '7', timeline: 1, segmentBytes: mb, restart: 0n, standbys: [], slots: [] },
  ...{ backups: 0, archiver: { waiting: 0, failing: undefined } },
};
const seen = (files: readonly WalFile[], changes: Partial<Seen> = {}): Seen => ({
  ...{ directory: '/wal', listing: { files, parts: [] }, segmentBytes: mb, freeBytes: 240 * mb, nowMs: now, server },
  ...changes,
});

describe('the status of an archive', () => {
  it('says how far it reaches, how fast it grows and when it is full', () => {
    const status = walStatus(seen(six));
    expect(status).toMatchObject({ files: 6, bytes: 6 * mb, gaps: [], code: 0, todo: [] });
    expect(status.oldest?.name).toBe(six[0]?.name);
    // Six in ten hours.
    expect(status.bytesPerDay).toBe(Math.round((6 * mb * 24) / 10));
    expect(status.daysUntilFull).toBeCloseTo(240 / 14.4, 3);
    expect(walStatusText(status)).toContain('full in 16.7 days if nothing is removed');
  });

  it('counts the last day only, if it is older', () => {
    expect(walStatus(seen([file(segment('00000001'), 100), ...six.slice(1)])).bytesPerDay).toBe(5 * mb);
  });

  it('has no rate and no end when it is empty', () => {
    const status = walStatus(seen([]));
    expect(status).toMatchObject({ files: 0, bytesPerDay: 0, oldest: undefined, daysUntilFull: undefined, code: 0 });
    expect(walStatusText(status)).toMatch(/oldest: {2}none\nnewest: {2}none\nbackups: none recorded/);
  });

  it('names histories newer than the primary’s timeline, which other programs would lead standbys to', () => {
    const histories = [file('00000002.history', 3, 50), file('00000003.history', 2, 90)];
    const on = (timeline: number, inRecovery = false) => walStatus(seen([...histories, ...six], { server: { ...server, timeline, inRecovery } })); // prettier-ignore
    expect(on(3).foreign).toEqual([]);
    expect(on(2)).toMatchObject({
      foreign: ['00000003.history'],
      code: 3,
      todo: [expect.stringContaining('move 00000003.history out')],
    });
    expect(on(1, true).foreign).toEqual([]);
    expect(walStatusText(on(1))).toContain('00000002.history, 00000003.history out of the archive');
  });

  it('wants something done about gaps, a disk that fills, and an archiver that fails', () => {
    const failing = { ...server, archiver: { waiting: 3, failing: segment('00000007') } };
    const status = walStatus(
      seen(
        [six[0], six[3]].flatMap((f) => f ?? []),
        { freeBytes: mb, server: failing },
      ),
    );
    expect(status.code).toBe(3);
    expect(status.todo).toHaveLength(3);
    expect(walStatusText(status)).toContain(`2 missing between ${six[0]?.name} and ${six[3]?.name}`);
    expect(walStatusText(status)).toContain(`3 files wait to be archived, ${segment('00000007')} failed`);
  });

  it('goes without a server', () => {
    expect(walStatusText(walStatus(seen(six, { server: { silent: 'no server runs' } })))).toContain('no server runs\n');
  });
});

describe('gaps', () => {
  it('are none where a timeline goes on in the segment in which the last was left', () => {
    const files = [
      file(segment('00000001'), 3),
      file(`${segment('00000002')}.partial`, 2),
      file(segment('00000002', '00000002'), 1),
    ];
    expect(gapsOf({ files, parts: [] }, mb)).toEqual([]);
  });

  it('are none at the end of a log file, whatever the segment’s size', () => {
    const end = (last: string, bytes: number) => {
      const files = [file(`00000001000000000${last}`.padEnd(24, '0'), 2)];
      return { files, bytes };
    };
    expect(end('0', mb).files).toHaveLength(1);
    const of = (a: string, b: string, bytes: number) => gapsOf({ files: [file(a, 2), file(b, 1)], parts: [] }, bytes);
    expect(of('000000010000000000000FFF', '000000010000000100000000', mb)).toEqual([]);
    expect(of('0000000100000000000000FF', '000000010000000100000000', 16 * mb)).toEqual([]);
    expect(of('0000000100000000000000FE', '000000010000000100000000', 16 * mb)).toMatchObject([{ missing: 1 }]);
  });
});

it.each([[0, '0 bytes'], [999, '999 bytes'], [1000, '1.0 kB'], [16_777_216, '16.8 MB'], [2e12, '2.0 TB'], [5e15, '5000.0 TB']])('%d is %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
}); // prettier-ignore
