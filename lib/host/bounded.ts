// Reading what somebody else can write: never a pipe or a device, and never without limit.
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';

export type Bounded = { readonly text: string } | { readonly missing: true } | { readonly problem: string };

/** The text of a regular file of at most so many bytes, or why there is none. It never waits for a writer. */
export function readBounded(file: string, maxBytes: number): Bounded {
  let handle: number | undefined;
  try {
    // To open a device can do something; what it is by then is looked at once more.
    if (!statSync(file).isFile()) return { problem: 'is no regular file' };
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (!fstatSync(handle).isFile()) return { problem: 'is no regular file' };
    return readUpTo(handle, maxBytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { missing: true } : { problem: `cannot be read (${String(code)})` };
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

const chunkBytes = 64 * 1024;

/** Reads to the end, whatever the file's size is told to be: it may grow meanwhile, and in /proc it is always 0. */
function readUpTo(handle: number, maxBytes: number): Bounded {
  const chunks: Buffer[] = [];
  for (let done = 0; done <= maxBytes;) {
    const chunk = Buffer.alloc(Math.min(chunkBytes, maxBytes + 1 - done));
    const read = readSync(handle, chunk, 0, chunk.length, done);
    if (read === 0) return { text: Buffer.concat(chunks).toString('utf8') };
    chunks.push(chunk.subarray(0, read));
    done += read;
  }
  return { problem: `is larger than ${String(maxBytes)} bytes` };
}
