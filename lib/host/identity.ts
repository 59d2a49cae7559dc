// Users of the operating system, and doing something with another user's identity.
import { readFileSync } from 'node:fs';
import type { Argv, Exec } from './exec.ts';

export type User = { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string };

/** Reads a line of passwd(5) for that name; undefined if there is none. */
export function readPasswd(text: string, name: string): User | undefined {
  const fields = text
    .split('\n')
    .map((line) => line.split(':'))
    .find((line) => line[0] === name && line.length >= 7);
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
  return fields === undefined || !Number.isInteger(uid) || !Number.isInteger(gid)
    ? undefined
    : { name, uid, gid, home: fields[5] ?? '/' };
}

/** Looks a user up: in /etc/passwd first (no process), then wherever the name service knows them. */
export async function findUser(name: string, exec: Exec): Promise<User | undefined> {
  if (name === '' || /[:\n]/.test(name)) return undefined;
  const local = readPasswd(readFileSync('/etc/passwd', 'utf8'), name);
  return local ?? readPasswd((await exec({ argv: ['getent', 'passwd', name], timeoutMs: 5000 })).stdout, name);
}

/** The groups of a user, from /etc/group; enough to judge the mode of a directory. */
export function groupsOf(user: User): readonly number[] {
  const lines = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const member = lines.filter((line) => (line[3] ?? '').split(',').includes(user.name)).map((line) => Number(line[2]));
  return [user.gid, ...member];
}

/**
 * Calls `start` with another effective user and comes back when it has begun. A connection to a Unix socket is made
 * while the call runs, so the server's peer authentication sees that user: no `su`, no process.
 */
export function asUser<T>(user: { uid: number; gid: number }, start: () => T): T {
  if (process.geteuid?.() !== 0 || user.uid === 0) return start();
  process.seteuid?.(user.uid);
  try {
    return start();
  } finally {
    process.seteuid?.(0);
  }
}

/** Makes this process that user's for good, if it is root's. True if it runs as that user then. */
export function becomeUser(user: User): boolean {
  const { uid, gid } = user;
  if (process.geteuid?.() === 0 && uid !== 0) {
    process.setgroups?.([...groupsOf(user)]);
    process.setgid?.(gid);
    process.setuid?.(uid);
  }
  return process.geteuid?.() === uid;
}

/** The user this process runs as. */
export function ownIdentity(): { uid: number; gid: number } {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}

/** The command run as that user with all its groups (spawn's own uid drops them); as it is if we are not root. */
export function withIdentity(user: User, argv: Argv): Argv {
  return process.geteuid?.() === 0 ? ['runuser', '-u', user.name, '--', ...argv] : argv;
}
