// Files with an owner and a mode, written whole or not at all.
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
} from 'node:fs';
import { fstatSync, readSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { readBounded } from './bounded.ts';

export type Owner = { readonly uid: number; readonly gid: number };

/** More than any file has that is read as a whole. */
const textBytes = 16 * 1024 * 1024;

/** Returns the text of a regular file of at most 16 MiB; undefined if there is none. It never waits for a writer. */
export function readText(file: string): string | undefined {
  const found = readBounded(file, textBytes);
  return 'text' in found ? found.text : undefined;
}

/** The first line of a small file, up to so many bytes; undefined if it is no regular file, which may be anybody's. */
export function firstLine(file: string, bytes: number): string | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!fstatSync(handle).isFile()) return undefined;
    const read = Buffer.alloc(bytes);
    return read
      .toString('utf8', 0, readSync(handle, read, 0, bytes, 0))
      .split('\n')[0]
      ?.trim();
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Replaces a file in one step that survives a crash: whoever looks sees the old text or the new one. */
export function writeWhole(file: string, content: string, { uid, gid, mode }: Owner & { readonly mode: number }): void {
  const part = `${file}.cfpgsql-new`;
  rmSync(part, { force: true });
  const handle = openSync(part, 'wx', 0o600);
  try {
    writeSync(handle, content);
    if (process.geteuid?.() === 0) fchownSync(handle, uid, gid);
    fchmodSync(handle, mode);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(part, file);
  syncDirectory(dirname(file));
}

/** Copies a file in one step that survives a crash. */
export function copyWhole(from: string, to: string, { uid, gid }: Owner): void {
  const part = `${to}.cfpgsql-new`;
  copyFileSync(from, part);
  const handle = openSync(part, 'r+');
  try {
    if (process.geteuid?.() === 0) fchownSync(handle, uid, gid);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(part, to);
  syncDirectory(dirname(to));
}

/** Replaces the text of somebody else's file; owner and mode stay, a link stays a link. */
export function rewrite(file: string, content: string): void {
  const target = realpathSync(file);
  const { uid, gid, mode } = statSync(target);
  writeWhole(target, content, { uid, gid, mode: mode & 0o7777 });
}

/** Removes a file, if it is there. */
export function remove(file: string): void {
  if (!existsSync(file)) return;
  rmSync(file, { force: true });
  syncDirectory(dirname(file));
}

/** Makes the names in it survive a crash. */
export function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes a directory with its parents; one that exists gets the owner and the mode. A gid of -1 leaves the group. */
export function makeDirectory(directory: string, { uid, gid, mode }: Owner & { readonly mode: number }): void {
  mkdirSync(directory, { recursive: true });
  if (process.geteuid?.() === 0) chownSync(directory, uid, gid);
  chmodSync(directory, mode);
}

/** True if somebody with these groups may write into the directory, by its mode. */
export function mayWrite(
  directory: string,
  user: { readonly uid: number; readonly groups: readonly number[] },
): boolean {
  try {
    const { uid, gid, mode } = statSync(`${directory}/`);
    if (user.uid === 0) return true;
    if (uid === user.uid) return (mode & 0o200) !== 0;
    return user.groups.includes(gid) ? (mode & 0o020) !== 0 : (mode & 0o002) !== 0;
  } catch {
    return false;
  }
}

/** The names in a directory; none if it cannot be read. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** True if it is a directory, or a link to one. */
export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** True if there is anything of that name. */
export function exists(path: string): boolean {
  return existsSync(path);
}

/** True if there surely is nothing of that name; false also where nobody may look. */
export function isMissing(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** True if it is a file of that user that nobody else may read. */
export function isPrivate(file: string, uid: number): boolean {
  try {
    const entry = statSync(file);
    return entry.isFile() && entry.uid === uid && (entry.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/** True if it is a file that its owner may execute. */
export function isProgram(file: string): boolean {
  try {
    const entry = statSync(file);
    return entry.isFile() && (entry.mode & 0o111) !== 0;
  } catch {
    return false;
  }
}
