// What is in an archive.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readWalName, type WalName } from '../lib/postgres/wal-names.ts';
import { unfinished } from './disk.ts';
import { errno } from './outcome.ts';

export type WalFile = {
  readonly name: string;
  readonly bytes: number;
  /** When it was archived, in milliseconds since the epoch. */
  readonly at: number;
  readonly wal: WalName;
};

export type Listing = {
  /** By place, and on one place by name. */
  readonly files: readonly WalFile[];
  /** Files that were never finished, with when they were last written. */
  readonly parts: readonly { readonly name: string; readonly at: number }[];
};

export function list(directory: string): Listing {
  const found = readdirSync(directory).flatMap((name) => {
    const wal = readWalName(name);
    if (wal === undefined && !isPart(name)) return [];
    const stat = statOf(join(directory, name));
    return stat?.isFile() === true ? [{ name, wal, bytes: stat.size, at: stat.mtimeMs }] : [];
  });
  const files = found.flatMap(({ wal, ...file }) => (wal === undefined ? [] : [{ ...file, wal }]));
  return { files: files.sort(byPlace), parts: found.filter(({ wal }) => wal === undefined) };
}

function isPart(name: string): boolean {
  return name.startsWith('.') && name.endsWith(unfinished);
}

/** Undefined if it has been removed meanwhile. */
function statOf(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Where a file stands among all; history files come first. */
export function placeOf({ wal }: WalFile): string {
  return wal.kind === 'history' ? '' : wal.place;
}

function byPlace(a: WalFile, b: WalFile): number {
  const [one, other] = [`${placeOf(a)} ${a.name}`, `${placeOf(b)} ${b.name}`];
  return one < other ? -1 : 1;
}

/** True for what holds WAL: segments, also the last one of a timeline that was left within it. */
export function isSegment({ wal: { kind } }: WalFile): boolean {
  return kind === 'segment' || kind === 'partial';
}
