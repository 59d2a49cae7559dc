// What archive and restore do with files, call by call: the file system as a value, so that tests can let any call fail.
import fs from 'node:fs';
import { errno } from './outcome.ts';

export type Disk = Pick<
  typeof fs,
  | 'openSync' | 'closeSync' | 'fstatSync' | 'readSync' | 'writeSync' | 'fsyncSync'
  | 'linkSync' | 'renameSync' | 'unlinkSync' | 'readFileSync' | 'existsSync'
>; // prettier-ignore

export const realDisk: Disk = fs;

/** Large enough that NFS sends it in few requests, small enough for any server. */
const chunkBytes = 1 << 20;

/** Calls with an open file, and closes it whatever happens. That closing fails is an error, too: NFS tells it then. */
export function opened<T>(disk: Disk, [path, flags]: readonly [string, string], use: (handle: number) => T): T {
  const handle = disk.openSync(path, flags, 0o600);
  let result: T;
  try {
    result = use(handle);
  } catch (error) {
    quietly(() => disk.closeSync(handle));
    throw error;
  }
  disk.closeSync(handle);
  return result;
}

/** For what is tidied up after an error, which is the one to be told. */
export function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // the first error counts
  }
}

/** Reads until the buffer is full or the file ends; returns how much it was. */
function fill(disk: Disk, handle: number, buffer: Buffer): number {
  let done = 0;
  for (let read = -1; read !== 0 && done < buffer.length; done += read)
    read = disk.readSync(handle, buffer, done, buffer.length - done, null);
  return done;
}

/** The first bytes of a file; fewer if it is shorter. */
export function head(disk: Disk, path: string, bytes: number): Buffer {
  return opened(disk, [path, 'r'], (handle) => {
    const buffer = Buffer.alloc(bytes);
    return buffer.subarray(0, fill(disk, handle, buffer));
  });
}

export function sizeOf(disk: Disk, path: string): number {
  return opened(disk, [path, 'r'], (handle) => disk.fstatSync(handle).size);
}

/** Copies into a file that is made or emptied, and returns how many bytes it was. `sync`: on disk when it returns. */
export function copyBytes(
  disk: Disk,
  { from, to, flags, sync }: { from: string; to: string; flags: string; sync: boolean },
): number {
  return opened(disk, [from, 'r'], (source) =>
    opened(disk, [to, flags], (target) => {
      const buffer = Buffer.alloc(chunkBytes);
      let bytes = 0;
      for (let read = fill(disk, source, buffer); read > 0; read = fill(disk, source, buffer)) {
        // A full disk may take a part.
        for (let done = 0; done < read;) done += disk.writeSync(target, buffer, done, read - done, null);
        bytes += read;
      }
      if (sync) disk.fsyncSync(target);
      return bytes;
    }),
  );
}

/** Where two files part, and how long each is; undefined if they are alike. */
export function difference(disk: Disk, a: string, b: string): { at: number; sizes: [number, number] } | undefined {
  return opened(disk, [a, 'r'], (first) =>
    opened(disk, [b, 'r'], (second) => {
      const sizes: [number, number] = [disk.fstatSync(first).size, disk.fstatSync(second).size];
      const buffers = [Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes)] as const;
      for (let at = 0; ; at += chunkBytes) {
        const parts = [
          buffers[0].subarray(0, fill(disk, first, buffers[0])),
          buffers[1].subarray(0, fill(disk, second, buffers[1])),
        ] as const;
        const part = firstDifference(...parts);
        if (part !== undefined) return { at: at + part, sizes };
        if (parts[0].length < chunkBytes) return undefined;
      }
    }),
  );
}

function firstDifference(a: Buffer, b: Buffer): number | undefined {
  if (a.equals(b)) return undefined;
  const shorter = Math.min(a.length, b.length);
  for (let n = 0; n < shorter; n++) if (a[n] !== b[n]) return n;
  return shorter;
}

/** A file, and then its name, are on disk when it returns. */
export function syncNamed(disk: Disk, path: string, directory: string): void {
  opened(disk, [path, 'r'], (handle) => disk.fsyncSync(handle));
  syncNames(disk, directory);
}

/** As PostgreSQL does (fsync_fname): there are file systems that cannot sync a directory and say so with EINVAL. */
export function syncNames(disk: Disk, directory: string): void {
  try {
    opened(disk, [directory, 'r'], (handle) => disk.fsyncSync(handle));
  } catch (error) {
    if (errno(error) !== 'EINVAL' && errno(error) !== 'EBADF') throw error;
  }
}

/** Replaces a small text of ours in one step. */
export function writeText(disk: Disk, path: string, text: string): void {
  const part = `${path}${unfinished}`;
  opened(disk, [part, 'w'], (handle) => {
    disk.writeSync(handle, text);
    disk.fsyncSync(handle);
  });
  disk.renameSync(part, path);
}

/** How the name of a file ends that has not become whole: nobody needs it when its writer has gone. */
export const unfinished = '.cfha-new';
