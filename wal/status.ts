// What an archive is worth: how far it reaches, what is missing, how long it will last.
import { isSegment, type Listing, type WalFile } from './listing.ts';
import { segmentNumber } from '../lib/postgres/wal-names.ts';
import type { Server } from './needs.ts';

export type Gap = { readonly after: string; readonly before: string; readonly missing: number };

export type WalStatus = {
  readonly directory: string;
  readonly files: number;
  readonly bytes: number;
  readonly oldest: Named | undefined;
  readonly newest: Named | undefined;
  readonly backups: readonly Named[];
  readonly gaps: readonly Gap[];
  /** By what was archived in the last day, or since the oldest file if that is younger. */
  readonly bytesPerDay: number;
  readonly freeBytes: number;
  /** If nothing were removed; undefined if nothing is archived. */
  readonly daysUntilFull: number | undefined;
  readonly unfinished: number;
  /** Timeline histories that are not of the primary which runs here: another server of this system has archived them. */
  readonly foreign: readonly string[];
  readonly server: Pick<Server, 'archiver' | 'inRecovery'> | { readonly silent: string };
  readonly code: 0 | 3;
  readonly todo: readonly string[];
};

type Named = { readonly name: string; readonly at: string };

export type Seen = {
  readonly directory: string;
  readonly listing: Listing;
  readonly segmentBytes: number;
  readonly freeBytes: number;
  readonly nowMs: number;
  readonly server: Server | { readonly silent: string };
};

const dayMs = 86_400_000;

export function walStatus(seen: Seen): WalStatus {
  const { directory, listing, freeBytes, server } = seen;
  const segments = listing.files.filter(isSegment);
  const byTime = segments.toSorted((a, b) => a.at - b.at);
  const gaps = gapsOf(listing, seen.segmentBytes);
  const bytesPerDay = rate(byTime, seen.nowMs);
  const daysUntilFull = bytesPerDay > 0 ? freeBytes / bytesPerDay : undefined;
  const foreign = foreignIn(listing, server);
  const todo = todos({ gaps, daysUntilFull, foreign, server });
  return {
    directory,
    files: listing.files.length,
    bytes: listing.files.reduce((sum, { bytes }) => sum + bytes, 0),
    oldest: named(segments[0]),
    newest: named(byTime.at(-1)),
    backups: listing.files.filter(({ wal }) => wal.kind === 'backup').flatMap((file) => named(file) ?? []),
    gaps,
    bytesPerDay,
    freeBytes,
    daysUntilFull,
    unfinished: listing.parts.length,
    foreign,
    server: 'silent' in server ? server : { archiver: server.archiver, inRecovery: server.inRecovery },
    code: todo.length > 0 ? 3 : 0,
    todo,
  };
}

/** A primary is on the newest timeline of its system: what is newer is of a server that it knows nothing of. */
function foreignIn({ files }: Listing, server: Seen['server']): readonly string[] {
  if ('silent' in server || server.inRecovery) return [];
  return files
    .filter(({ wal }) => wal.kind === 'history' && wal.timeline > server.timeline)
    .map(({ name }) => name)
    .sort();
}

function named(file: WalFile | undefined): Named | undefined {
  return file && { name: file.name, at: new Date(file.at).toISOString() };
}

function rate(byTime: readonly WalFile[], nowMs: number): number {
  const first = byTime[0];
  if (first === undefined) return 0;
  // Of less than an hour nothing can be said about a day.
  const span = Math.min(dayMs, Math.max(nowMs - first.at, dayMs / 24));
  const bytes = byTime.filter(({ at }) => nowMs - at <= span).reduce((sum, file) => sum + file.bytes, 0);
  return Math.round((bytes * dayMs) / span);
}

/** Segments that no timeline has, between the first and the last that some timeline has. */
export function gapsOf({ files }: Listing, segmentBytes: number): readonly Gap[] {
  const segments = files.filter(isSegment).map((file) => ({ file, number: numberOf(file, segmentBytes) }));
  return segments.flatMap(({ file, number }, n) => {
    const before = segments[n - 1];
    if (before === undefined || number - before.number <= 1n) return [];
    return [{ after: before.file.name, before: file.name, missing: Number(number - before.number - 1n) }];
  });
}

function numberOf({ wal }: WalFile, segmentBytes: number): bigint {
  return wal.kind === 'history' ? 0n : segmentNumber(wal.place, segmentBytes);
}

type Worries = Pick<WalStatus, 'gaps' | 'daysUntilFull' | 'foreign'> & Pick<Seen, 'server'>;

function todos({ gaps, daysUntilFull, foreign, server }: Worries): string[] {
  const archiver = 'silent' in server ? undefined : server.archiver;
  return [
    ...(gaps.length > 0 ? ['take a new base backup: older ones cannot be recovered beyond the first gap'] : []),
    ...(daysUntilFull !== undefined && daysUntilFull < 1 ? ['make room: the archive is full in less than a day'] : []),
    ...(foreign.length > 0
      ? [
          `move ${foreign.join(', ')} out of the archive, unless another server is the primary: the server here is on an older timeline, and other programs than cfha would lead standbys to the newer one`,
        ]
      : []),
    ...(archiver?.failing !== undefined
      ? [`look into the server’s log: it could not archive ${archiver.failing}`]
      : []),
  ];
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];

export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power] ?? ''}`;
}

export function walStatusText(status: WalStatus): string {
  const { oldest, newest, backups, gaps, server, daysUntilFull } = status;
  const last = backups.at(-1);
  const lines = [
    `${status.directory}: ${status.files} files, ${size(status.bytes)}`,
    `oldest:  ${oldest === undefined ? 'none' : `${oldest.name}, ${oldest.at}`}`,
    `newest:  ${newest === undefined ? 'none' : `${newest.name}, ${newest.at}`}`,
    `backups: ${last === undefined ? 'none recorded' : `${backups.length}, the last done ${last.at}`}`,
    ...(gaps.length === 0 ? ['gaps:    none'] : gaps.map((gap) => `gap:     ${gap.missing} missing between ${gap.after} and ${gap.before}`)),
    `rate:    ${size(status.bytesPerDay)} a day; ${size(status.freeBytes)} free${daysUntilFull === undefined ? '' : `, full in ${daysUntilFull.toFixed(1)} days if nothing is removed`}`,
    ...(status.unfinished > 0 ? [`unfinished: ${status.unfinished}, removed by cfha wal prune when an hour old`] : []),
    `server:  ${serverText(server)}`,
    ...status.todo.map((what) => `to do:   ${what}`),
  ]; // prettier-ignore
  return lines.map((line) => `${line}\n`).join('');
}

function serverText(server: WalStatus['server']): string {
  if ('silent' in server) return server.silent;
  const { waiting, failing } = server.archiver;
  if (server.inRecovery) return 'a standby';
  return `primary; ${waiting} ${waiting === 1 ? 'file waits' : 'files wait'} to be archived${failing === undefined ? '' : `, ${failing} failed`}`;
}
