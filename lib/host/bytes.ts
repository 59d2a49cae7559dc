// A stretch of a file, which may lie where another user writes: a link, a pipe or a device is no file.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Returns what `read` makes of the open file; undefined if there is no such regular file. */
function withFile<T>(file: string, read: (handle: number, size: number) => T): T | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = fstatSync(handle);
    return found.isFile() ? read(handle, found.size) : undefined;
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Returns the bytes of a stretch; undefined if the file is not there or not that long. */
export function readBytes(file: string, { from, to }: { from: number; to: number }): Buffer | undefined {
  return withFile(file, (handle, size) => {
    if (size < to) return undefined;
    const bytes = Buffer.alloc(to - from);
    let done = 0;
    for (let read = -1; read !== 0 && done < bytes.length; done += read)
      read = readSync(handle, bytes, done, bytes.length - done, from + done);
    return done === bytes.length ? bytes : undefined;
  });
}

/** Returns the length of a file in bytes; undefined if it is not there. */
export function fileBytes(file: string): number | undefined {
  return withFile(file, (_, size) => size);
}
