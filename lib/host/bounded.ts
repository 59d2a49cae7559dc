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

function readUpTo(handle: number, maxBytes: number): Bounded {
  const size = Math.min(fstatSync(handle).size, maxBytes);
  const bytes = Buffer.alloc(size + 1); // one more than there should be: it may grow meanwhile
  let done = 0;
  for (let read = -1; read !== 0 && done < bytes.length; done += read)
    read = readSync(handle, bytes, done, bytes.length - done, done);
  return done > maxBytes
    ? { problem: `is larger than ${String(maxBytes)} bytes` }
    : { text: bytes.toString('utf8', 0, done) };
}
