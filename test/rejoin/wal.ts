// The bytes of WAL themselves, read without the product's code: what both sides of a comparison really have.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isSegment } from '../../lib/postgres/wal-files.ts';

export const segmentBytes = 1024 * 1024;

export function walFiles(data: string): string[] {
  return readdirSync(join(data, 'pg_wal')).filter(isSegment);
}

/** By position, and the newest timeline of two. */
export function lastFile(names: readonly string[]): string | undefined {
  return names.toSorted((a, b) => (a.slice(8) + a.slice(0, 8) < b.slice(8) + b.slice(0, 8) ? -1 : 1)).at(-1);
}

const hex = (value: number, digits = 8) => value.toString(16).toUpperCase().padStart(digits, '0');

function nameOf(timeline: number, segment: number): string {
  const perLog = 0x100000000 / segmentBytes;
  return `${hex(timeline)}${hex(Math.floor(segment / perLog))}${hex(segment % perLog)}`;
}

/** The timelines of a server up to one of them, from its history file. */
export function timelinesOf(data: string, timeline: number): number[] {
  const file = join(data, 'pg_wal', `${hex(timeline)}.history`);
  const lines = timeline > 1 && existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return [...lines.filter((line) => /^\d/.test(line)).map((line) => Number(line.split(/\s/)[0])), timeline];
}

/** The file of a segment: of the newest timeline that has one, for it begins with a copy of what was before. */
function segmentOf(data: string, timelines: readonly number[], segment: number): Buffer | undefined {
  const timeline = timelines.findLast((id) => existsSync(join(data, 'pg_wal', nameOf(id, segment))));
  return timeline === undefined ? undefined : readFileSync(join(data, 'pg_wal', nameOf(timeline, segment)));
}

export type Wal = { readonly data: string; readonly timelines: readonly number[] };

/** The first position below `end` at which they differ, as far back as both have files; undefined: they do not. */
export function firstDifference(local: Wal, other: Wal, end: number): number | undefined | 'nothing to compare' {
  let compared = false;
  let first: number | undefined;
  for (let segment = Math.floor((end - 1) / segmentBytes); segment >= 0; segment--) {
    const [mine, yours] = [local, other].map(({ data, timelines }) => segmentOf(data, timelines, segment));
    if (mine === undefined || yours === undefined) break;
    compared = true;
    const length = Math.min(segmentBytes, end - segment * segmentBytes);
    const at = mine.subarray(0, length).findIndex((byte, n) => byte !== yours[n]);
    if (at >= 0) first = segment * segmentBytes + at;
  }
  return compared ? first : 'nothing to compare';
}
