// The primary, as the standby on this node would reach it: the same parameters as in recovery.conf, in a file for libpq.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory, writeWhole } from '../lib/host/disk.ts';
import type { Argv, Exec, Result } from '../lib/host/exec.ts';
import { withIdentity, type User } from '../lib/host/identity.ts';
import { lives, processesUnder, signal } from '../lib/host/processes.ts';
import { serviceText } from '../lib/postgres/conninfo.ts';
import type { Call } from './call.ts';
import { connectionTo } from './rules/connection.ts';

/** What is needed to ask. */
export type Where = { readonly call: Call; readonly user: User; readonly exec: Exec; readonly deadline: number };

export type Asking = {
  /** A directory of pgdba's for this one question. */
  readonly folder: string;
  readonly run: (
    argv: Argv,
    options?: { input?: string; timeoutMs?: number; follow?: (text: string) => void },
  ) => Promise<Result>;
};

/**
 * Asks something with two services at hand: `replication`, as a standby, and `database`, an ordinary connection, which
 * pg_rewind needs. A password is in the file only, which nobody else may read and which goes at the end. */
export async function asking<T>(where: Where, ask: (asking: Asking) => Promise<T>): Promise<T> {
  const { call, user, exec } = where;
  const p = call.parameters;
  makeDirectory(p.tmpdir, { ...user, gid: -1, mode: 0o700 }); // as act-files.ts does
  const folder = mkdtempSync(prefixOf(where));
  try {
    makeDirectory(folder, { ...user, mode: 0o700 });
    const file = join(folder, 'services');
    const replication = { ...connectionTo(call), replication: 'true', dbname: 'replication' };
    const database = { ...connectionTo(call), dbname: 'postgres' };
    writeWhole(file, serviceText({ replication, database }), { ...user, mode: 0o600 });
    const libraries = p.pglibs === '' ? {} : { LD_LIBRARY_PATH: p.pglibs };
    const env = { PGSERVICEFILE: file, HOME: user.home, ...libraries };
    return await ask({
      folder,
      run: (argv, options) => exec({ argv: withIdentity(user, argv), env, cwd: folder, ...options }),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function prefixOf({ call }: Where): string {
  return join(call.parameters.tmpdir, 'ask-');
}

/** What an agent that was killed has left running would go on writing into the data. Returns when it is gone. */
export async function endLeftovers(where: Where): Promise<void> {
  const left = processesUnder(prefixOf(where));
  left.forEach((process) => signal(process, 'SIGKILL'));
  while (left.some(lives) && Date.now() < where.deadline) await new Promise((resolve) => setTimeout(resolve, 20));
}
