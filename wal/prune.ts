// What of an archive may go, and what keeps the rest. Removed is always a beginning, never a file between others: what is kept
// has no gap that was not there before.
import { segmentName } from '../lib/postgres/lineage.ts';
import type { Lsn } from '../lib/postgres/lsn.ts';
import { isSegment, placeOf, type Listing, type WalFile } from './listing.ts';
import type { Server } from './needs.ts';
import type { Note } from './notes.ts';

/** From `place` on WAL is kept, for that reason. */
export type Hold = {
  readonly by: 'age' | 'backup' | 'running backup' | 'standby' | 'restart' | 'slot' | 'server';
  readonly why: string;
  readonly place: string;
};

export type Found = {
  readonly listing: Listing;
  readonly server: Server;
  readonly notes: readonly Note[];
  /** This node's name: its own note is of a time when it was a standby. */
  readonly node: string;
  readonly nowMs: number;
};

export type Limits = { readonly keepDays: number; readonly standbyDays: number };

export type Pruning =
  | { readonly refused: string }
  | {
      readonly remove: readonly WalFile[];
      /** Files that were never finished, by a writer that has gone. */
      readonly parts: readonly string[];
      readonly kept: readonly WalFile[];
      /** What decides comes first. */
      readonly holds: readonly Hold[];
      readonly warnings: readonly string[];
    };

const dayMs = 86_400_000;
/** Nobody takes so long to archive a file. */
const partMs = 3_600_000;
const everything = '0'.repeat(16);

export function prune(found: Found, limits: Limits): Pruning {
  const { listing, server, nowMs } = found;
  const newer = listing.files.find(({ wal }) => wal.timeline > server.timeline);
  if (newer !== undefined)
    return {
      refused: `the archive has ${newer.name}, and this server is on timeline ${server.timeline} only: another one has been promoted, and what is needed is for that one to say`,
    };
  const holds = holdsOf(found, limits).sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0));
  const floor = holds[0]?.place ?? everything;
  const goes = (file: WalFile): boolean => file.wal.kind !== 'history' && placeOf(file) < floor;
  return {
    remove: listing.files.filter(goes),
    parts: listing.parts.filter(({ at }) => nowMs - at > partMs).map(({ name }) => name),
    kept: listing.files.filter((file) => !goes(file)),
    holds,
    warnings: listing.files.some(({ wal }) => wal.kind === 'backup')
      ? []
      : ['no base backup is recorded in the archive (NAME.backup): without one its WAL restores nothing by itself'],
  };
}

function holdsOf(found: Found, { keepDays, standbyDays }: Limits): Hold[] {
  const { listing, server, notes, node, nowMs } = found;
  const place = (from: Lsn | undefined) =>
    from === undefined ? everything : segmentName(0, from, server.segmentBytes).slice(8);
  const since = nowMs - keepDays * dayMs;
  const others = notes.filter((note) => note.node !== node && nowMs - note.at < standbyDays * dayMs);
  return [
    ...byAge(listing, since, keepDays),
    ...byBackups(listing, since),
    ...(server.backups > 0
      ? [{ by: 'running backup' as const, why: 'a base backup is being taken: nothing is removed meanwhile', place: everything }]
      : []),
    ...server.standbys.map((need) => ({
      by: 'standby' as const,
      why: `standby ${need.who}${need.from === undefined ? ' does not say yet what it has' : ''}`,
      place: place(need.from),
    })),
    ...others.map((note) => ({
      by: 'restart' as const,
      why: `standby ${note.node} would restart there, as it said at ${new Date(note.at).toISOString()}`,
      place: place(note.from),
    })),
    ...server.slots.map((need) => ({ by: 'slot' as const, why: `replication slot ${need.who}`, place: place(need.from) })),
    { by: 'server', why: 'the primary’s own last checkpoint', place: place(server.restart) },
  ]; // prettier-ignore
}

/** The first segment that is young enough, and all after it, however old they claim to be. */
function byAge({ files }: Listing, since: number, keepDays: number): Hold[] {
  const first = files.find((file) => isSegment(file) && file.at >= since);
  return first === undefined
    ? []
    : [{ by: 'age', why: `younger than ${keepDays} ${keepDays === 1 ? 'day' : 'days'}`, place: placeOf(first) }];
}

/**
 * Base backups within the time, and the last one before it: without that one nothing could be restored to a moment between.
 * If there is none before it, the oldest there is.
 */
function byBackups({ files }: Listing, since: number): Hold[] {
  const backups = files.filter(({ wal }) => wal.kind === 'backup').sort((a, b) => a.at - b.at);
  const oldest = backups.findLast(({ at }) => at < since) ?? backups[0];
  const needed = backups.filter(({ at }) => oldest !== undefined && at >= oldest.at);
  const first = needed.reduce<WalFile | undefined>(
    (least, file) => (least === undefined || placeOf(file) < placeOf(least) ? file : least),
    undefined,
  );
  return first === undefined
    ? []
    : [
        {
          by: 'backup',
          why: `base backup ${first.name}, done ${new Date(first.at).toISOString()}`,
          place: placeOf(first),
        },
      ];
}

/** The stretch that was removed or is kept, for people: first and last segment. */
export function stretch(files: readonly WalFile[]): string {
  const segments = files.filter(isSegment);
  const [first, last] = [segments[0]?.name, segments.at(-1)?.name];
  return first === undefined ? 'none' : first === last ? first : `${first} … ${last ?? ''}`;
}
