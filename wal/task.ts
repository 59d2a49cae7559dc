// cfha wal prune and init: what is done to an archive by hand or by the timer.
import { randomBytes } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { timeOfDayMs } from '../lib/host/clock.ts';
import { head, quietly, realDisk, syncNames, unfinished, writeText } from './disk.ts';
import { list, type WalFile } from './listing.ts';
import { readMark, writeMark, type Mark } from './mark.ts';
import type { Server } from './needs.ts';
import { readNotes, removeNote, writeNote } from './notes.ts';
import { errno, Refusal } from './outcome.ts';
import { prune, type Limits, type Pruning } from './prune.ts';

/** A node may be called otherwise by its cluster; notes only have to tell nodes apart. */
const node = hostname();

/** What a standby does when its timer runs: it says in the archive what it would need. */
export function noteNeed(directory: string, { restart, systemId }: Server): void {
  checkSystem(directory, systemId);
  writeNote(directory, { node, from: restart, at: timeOfDayMs() });
}

function checkSystem(directory: string, systemId: string): void {
  const mark = readMark(realDisk, directory);
  if (mark.systemId !== systemId)
    throw new Refusal(`${directory} is the archive of system ${mark.systemId}, and the server here is of system ${systemId}`); // prettier-ignore
}

/** What the primary would remove. */
export function planPruning(directory: string, server: Server, limits: Limits): Pruning {
  checkSystem(directory, server.systemId);
  const found = { listing: list(directory), server, notes: readNotes(directory), node, nowMs: archiveNow(directory) };
  return prune(found, limits);
}

/** The archive's clock, or ours if that is behind: in doubt a file is young. */
function archiveNow(directory: string): number {
  const probe = join(directory, `.clock.${node}${unfinished}`);
  writeText(realDisk, probe, '');
  try {
    return Math.min(statSync(probe).mtimeMs, timeOfDayMs());
  } finally {
    quietly(() => realDisk.unlinkSync(probe));
  }
}

/** Oldest first: whenever it is interrupted, what is left has no gap. */
export function removeFiles(directory: string, files: readonly WalFile[], parts: readonly string[]): void {
  for (const name of [...parts, ...files.map((file) => file.name)]) removeOne(join(directory, name));
  removeNote(directory, node);
  syncNames(realDisk, directory);
}

function removeOne(path: string): void {
  try {
    realDisk.unlinkSync(path);
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error; // another prune was here
  }
}

/** Makes a directory the archive of the system whose data these are; or finds that it is. */
export function initArchive(directory: string, data: string): { mark: Mark; made: boolean } {
  const systemId = systemOf(data);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = existing(directory);
  if (found !== undefined) {
    checkSystem(directory, systemId);
    return { mark: found, made: false };
  }
  const mark = { systemId, id: randomBytes(8).toString('hex') };
  writeMark(realDisk, directory, mark);
  syncNames(realDisk, directory);
  return { mark, made: true };
}

function existing(directory: string): Mark | undefined {
  try {
    return readMark(realDisk, directory);
  } catch (error) {
    if (error instanceof Refusal && error.message.includes('is no archive')) return undefined;
    throw error;
  }
}

/** The control file begins with the system identifier. Source: PostgreSQL src/include/catalog/pg_control.h */
function systemOf(data: string): string {
  const file = join(data, 'global/pg_control');
  const bytes = head(realDisk, file, 8);
  const id = bytes.length === 8 ? bytes.readBigUInt64LE(0) : 0n;
  if (id === 0n) throw new Refusal(`${file} is not a control file`);
  return String(id);
}
