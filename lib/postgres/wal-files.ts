// The names of WAL segments: timeline, then position, 8 hexadecimal digits each three times.
// https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP (pg_walfile_name)
import { historyName, segmentName } from './lineage.ts';
import type { Lsn } from './lsn.ts';
import { readWalHeader } from './wal-header.ts';

export const isSegment = (name: string): boolean => /^[0-9A-F]{24}$/.test(name);

type Stretch = { readonly from: Lsn; readonly to: Lsn; readonly segmentBytes: number };

/** The files of a stretch, of any timeline. Beyond its end lie old files that wait for new WAL, up to max_wal_size of them. */
export function segmentsOf(names: readonly string[], { from, to, segmentBytes }: Stretch): readonly string[] {
  const place = (at: Lsn): string => segmentName(1, at, segmentBytes).slice(8);
  return names.filter(isSegment).filter((name) => name.slice(8) >= place(from) && name.slice(8) <= place(to));
}

/**
 * Whether a file has the WAL that its name says. A recycled one has its new name already, and still begins with the page of what
 * it held before; one that was made anew is zeroes. The timeline in the page may be an earlier one: a promotion copies the file.
 */
export function holdsItsOwn(name: string, beginning: Buffer | undefined): boolean {
  const header = beginning === undefined ? undefined : readWalHeader(beginning);
  return header !== undefined && segmentName(1, header.address, header.segmentBytes).slice(8) === name.slice(8);
}

/**
 * Returns the newest timeline there is WAL of; undefined: there is none. A standby that has lost its primary tells only the timeline
 * of its last restartpoint. A history file alone proves nothing: it comes before the WAL. Nor does a segment alone: pg_rewind removes
 * the history of what it has rewound, and leaves segments.
 */
export function newestTimeline(names: readonly string[]): number | undefined {
  const all = new Set(names);
  const timelines = names
    .filter(isSegment)
    .map((name) => parseInt(name.slice(0, 8), 16))
    .filter((timeline) => timeline === 1 || all.has(historyName(timeline)));
  return timelines.length === 0 ? undefined : timelines.reduce((a, b) => Math.max(a, b));
}
