// The files that a region file names: passwords read, keys looked for; or everything that is wrong with them.
// Works on whatever the region file holds, so that a missing password is said together with all else.
import { pathFrom, readSmallFile } from '../lib/host/files.ts';
import type { Problem } from '../lib/yaml/read.ts';

export type Passwords = {
  readonly fencing: string;
  readonly replication: string;
  readonly owner: string;
  readonly source: string;
};

const passwordFiles = {
  fencing: ['fencing', 'password', 'file'],
  replication: ['postgres', 'replication', 'password', 'file'],
  owner: ['postgres', 'database', 'password', 'file'],
  /** Of the server that is cloned, if one is. */
  source: ['postgres', 'source', 'clone', 'password', 'file'],
} as const satisfies Record<keyof Passwords, readonly string[]>;

const otherFiles = [
  ['ssh', 'identity'],
  ['ssh', 'known_hosts'],
] as const;

type Check = (text: string) => string | { problem: string };

/** Reads the files; a relative path starts at the folder of the region file. */
export function readNamedFiles(file: unknown, folder: string): { passwords: Passwords; problems: Problem[] } {
  const problems: Problem[] = [];
  const read = (path: readonly string[], expected: string, check: Check): string => {
    const named = path.reduce<unknown>(
      (inner, key) => (inner as Record<string, unknown> | undefined | null)?.[key],
      file,
    );
    if (typeof named !== 'string' || named === '') return '';
    const result = readSmallFile(pathFrom(folder, named));
    const checked = 'problem' in result ? result : check(result.text);
    if (typeof checked === 'string') return checked;
    problems.push({ path: path.join('.'), given: `"${named}", which ${checked.problem}`, expected });
    return '';
  };
  const password = (which: keyof Passwords) =>
    read(passwordFiles[which], 'a readable file with the password alone on one line', checkedPassword);
  const passwords = {
    fencing: password('fencing'),
    replication: password('replication'),
    owner: password('owner'),
    source: password('source'),
  };
  for (const path of otherFiles) read(path, 'a readable file', (text) => text);
  return { passwords, problems };
}

function checkedPassword(text: string): string | { problem: string } {
  const password = text.replace(/\r?\n$/, '');
  if (password.trim() === '') return { problem: 'is empty' };
  if (/[\n\r\0]/.test(password)) return { problem: 'has more than one line' };
  return password.length > 500 ? { problem: 'has more than 500 characters' } : password;
}
