// What each standby says in the archive, each time its timer runs: from where on it would need WAL if it were started anew.
// A standby that is away, and has no slot, is known to the primary by its note alone.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatLsn, parseLsn, type Lsn } from '../lib/postgres/lsn.ts';
import { realDisk, writeText } from './disk.ts';
import { errno } from './outcome.ts';

export type Note = { readonly node: string; readonly from: Lsn; readonly at: number };

const nameOf = (node: string): string => `cfha-standby.${node}.json`;
const form = /^cfha-standby\.([A-Za-z0-9_.-]+)\.json$/;

export function writeNote(directory: string, { node, from, at }: Note): void {
  const text = JSON.stringify({ from: formatLsn(from), at: new Date(at).toISOString() });
  writeText(realDisk, join(directory, nameOf(node)), `${text}\n`);
}

/** A node that is the primary has nothing to say as a standby any more. */
export function removeNote(directory: string, node: string): void {
  try {
    realDisk.unlinkSync(join(directory, nameOf(node)));
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error;
  }
}

/** Those that can be read: a damaged note is written anew when its node's timer runs next. */
export function readNotes(directory: string): readonly Note[] {
  return readdirSync(directory).flatMap((name) => {
    const node = form.exec(name)?.[1];
    return node === undefined ? [] : readNote(node, realDisk.readFileSync(join(directory, name), 'utf8'));
  });
}

function readNote(node: string, text: string): readonly Note[] {
  const { from, at } = parsed(text);
  const lsn = typeof from === 'string' ? parseLsn(from) : undefined;
  const time = typeof at === 'string' ? Date.parse(at) : NaN;
  return lsn === undefined || Number.isNaN(time) ? [] : [{ node, from: lsn, at: time }];
}

function parsed(text: string): { from?: unknown; at?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
