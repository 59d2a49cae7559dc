// Another server, asked by PostgreSQL's own programs: how to reach it stands in a file for libpq, and in no command line.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeDirectory, writeWhole } from '../host/disk.ts';
import type { Argv, Exec, Result } from '../host/exec.ts';
import { withIdentity, type User } from '../host/identity.ts';
import { isTaken, ownPid, processesUnder, signal } from '../host/processes.ts';
import { serviceText, type Conninfo } from './conninfo.ts';
import { withOwnSettings } from './session-settings.ts';

export type Asking = {
  /** A directory of the user's for this one question. */
  readonly folder: string;
  readonly run: (
    argv: Argv,
    options?: { input?: string; timeoutMs?: number; follow?: (text: string) => void },
  ) => Promise<Result>;
};

export type Services = {
  /** What the name of the directory begins with; it is made beside. */
  readonly prefix: string;
  readonly user: User;
  readonly exec: Exec;
  readonly services: Readonly<Record<string, Conninfo>>;
  readonly env?: Readonly<Record<string, string>>;
};

/** Asks something with the services at hand. A password is in the file only, which nobody else may read and which goes at the end. */
export async function askingWith<T>(
  { prefix, user, exec, services, env }: Services,
  ask: (asking: Asking) => Promise<T>,
): Promise<T> {
  abandoned(prefix).forEach(remove);
  const folder = mkdtempSync(`${prefix}${ownPid()}-`);
  try {
    makeDirectory(folder, { ...user, mode: 0o700 });
    const file = join(folder, 'services');
    const own = Object.entries(services).map(([name, pairs]) => [name, withOwnSettings(pairs)] as const);
    writeWhole(file, serviceText(Object.fromEntries<Conninfo>(own)), { ...user, mode: 0o600 });
    const all = { PGSERVICEFILE: file, HOME: user.home, ...env };
    return await ask({
      folder,
      run: (argv, options) => exec({ argv: withIdentity(user, argv), env: all, cwd: folder, ...options }),
    });
  } finally {
    remove(folder);
  }
}

function remove(folder: string): void {
  // A program that took too long was ended with runuser, which cannot pass that on.
  processesUnder(folder).forEach((left) => signal(left, 'SIGKILL'));
  rmSync(folder, { recursive: true, force: true });
}

/** Directories of those that were killed while they asked: a password may stand in each. Who made it, its name says. */
function abandoned(prefix: string): readonly string[] {
  const [folder, beginning] = [dirname(prefix), basename(prefix)];
  const isLeft = (name: string): boolean => {
    const maker = name.startsWith(beginning) ? /^\d+(?=-)/.exec(name.slice(beginning.length)) : null;
    return maker !== null && !isTaken(Number(maker[0]));
  };
  return readdirSync(folder).filter(isLeft).map((name) => join(folder, name)); // prettier-ignore
}
