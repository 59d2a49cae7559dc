// A stretch of a file.
import { closeSync, openSync, readSync } from 'node:fs';

/** Undefined if the file is not there or not that long. */
export function readBytes(file: string, { from, to }: { from: number; to: number }): Buffer | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const bytes = Buffer.alloc(to - from);
    let done = 0;
    for (let read = -1; read !== 0 && done < bytes.length; done += read)
      read = readSync(handle, bytes, done, bytes.length - done, from + done);
    return done === bytes.length ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
