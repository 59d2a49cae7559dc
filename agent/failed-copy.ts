// How often a copy of the primary has failed in the same way. It is root's, beside the record of the work in the background, and does
// not outlive a boot.
import { makeDirectory, readText, remove, writeWhole } from '../lib/host/disk.ts';
import { readJson } from '../lib/json.ts';
import { folder } from './job.ts';
import type { FailedCopy } from './snapshot.ts';

const fileOf = (resource: string): string => `${folder}/${resource}.copy.json`;

export function readFailedCopy(resource: string): FailedCopy | undefined {
  const { primary, error, words, count, word } = (readJson(readText(fileOf(resource)) ?? '{}') ??
    {}) as Partial<FailedCopy>;
  if (primary === undefined || error === undefined || words === undefined || count === undefined) return undefined;
  return { primary, error, words, count, word: word === true };
}

/** One more; the first one, if the last was another primary's or failed otherwise. */
export function noteFailedCopy(resource: string, failed: Omit<FailedCopy, 'count'>): void {
  const before = readFailedCopy(resource);
  const again = before?.primary === failed.primary && before.error === failed.error;
  write(resource, { ...failed, count: again ? before.count + 1 : 1 });
}

/** What a person has wanted was done, and has failed: the next word is a new one. */
export function endWord(resource: string): void {
  const failed = readFailedCopy(resource);
  if (failed !== undefined) write(resource, { ...failed, word: false });
}

export function forgetFailedCopies(resource: string): void {
  remove(fileOf(resource));
}

function write(resource: string, failed: FailedCopy): void {
  makeDirectory(folder, { uid: 0, gid: 0, mode: 0o700 });
  writeWhole(fileOf(resource), JSON.stringify(failed), { uid: 0, gid: 0, mode: 0o600 });
}
