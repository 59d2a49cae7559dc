// Files: reading them here, and putting them on a host whole or not at all.
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Argv } from './exec.ts';
import { quoted } from './shell.ts';

/** SHA-256 of a text, in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Size and SHA-256 of a file. */
export async function fingerprint(path: string): Promise<{ path: string; bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { path, bytes, sha256: hash.digest('hex') };
}

/** A path as people write it in a file: `~/` is the home directory, a relative one starts at `folder`. */
export function pathFrom(folder: string, path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(folder, path);
}

/** A small text file, or why it cannot be read. */
export function readSmallFile(path: string, maxBytes = 1024 * 1024): { text: string } | { problem: string } {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { problem: 'is not a file' };
    if (stat.size > maxBytes) return { problem: `is larger than ${String(maxBytes)} bytes` };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) };
  } catch (error) {
    return { problem: explained(error) };
  }
}

/** The same for a secret: only its owner may read it. Says what to run if others may. */
export function readPrivateFile(path: string): { text: string } | { problem: string; expected?: string | undefined } {
  const read = readSmallFile(path);
  if ('problem' in read) return read;
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0) return read;
  const octal = mode.toString(8).padStart(4, '0');
  return {
    problem: `others than its owner may read (mode ${octal})`,
    expected: `it for its owner alone: chmod 600 ${quoted(path)}`,
  };
}

function explained(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES') return 'may not be read by this user';
  return code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not UTF-8 text' : `cannot be read (${String(code)})`;
}

// A file gets its name when it is there whole: a connection that breaks leaves the old one. (Its size is compared, and
// not a hash: the hash of a password would be for everyone to see in the list of processes.)
const put = `umask 077
folder=\${1%/*}
[ -d "$folder" ] || install -d -m "$5" -o "$3" -g "$(id -gn "$3")" "$folder"
cat >"$1.cfha-new"
if [ "$(wc -c <"$1.cfha-new")" -ne "$4" ]; then
  rm -f "$1.cfha-new"
  echo 'the file did not arrive whole' >&2
  exit 1
fi
chown "$3:" "$1.cfha-new"
chmod "$2" "$1.cfha-new"
mv -fT "$1.cfha-new" "$1"`;

export type PlacedFile = {
  readonly path: string;
  /** As chmod takes it: '0600'. */
  readonly mode: string;
  readonly owner: string;
  readonly bytes: number;
};

/** The command that makes its standard input this file, atomically. A missing folder is made for the owner alone. */
export function putArgv(file: PlacedFile, folderMode = '0755'): Argv {
  return ['sh', '-euc', put, 'put', file.path, file.mode, file.owner, String(file.bytes), folderMode];
}
