// The executable that goes onto the nodes: the running one if it is sealed, the built one if cfha runs from source.
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';

/** Path of the running program, by the name it was called as: the name tells which of two programs it is. */
export function calledAs(): string {
  return isAbsolute(process.argv0) ? process.argv0 : process.execPath;
}

/** Path of the executable to install; undefined if it has not been built. */
export function ownExecutable(): string | undefined {
  if (isSea()) return process.execPath;
  const built = fileURLToPath(new URL('../../dist/cfha', import.meta.url));
  return existsSync(built) ? built : undefined;
}
