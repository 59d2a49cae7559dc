// How the server of this node is reached.
import { join } from 'node:path';
import { isPrivate, readText } from '../lib/host/disk.ts';
import { findPassword } from '../lib/postgres/passfile.ts';
import type { PidFile } from '../lib/postgres/pidfile.ts';
import type { Target } from '../lib/postgres/session.ts';
import { left, type Site } from './site.ts';

/** As psql would be by pgsql. */
export function target(site: Site, pidFile: PidFile | undefined): Target {
  const p = site.call.parameters;
  const user = p.monitor_user === '' ? p.pgdba : p.monitor_user;
  return {
    host: hostOf(p) ?? pidFile?.socketDirectory ?? '/var/run/postgresql',
    port: p.pgport,
    user,
    password: passwordOf(user, site),
    ...databasesOf(p),
    as: site.user,
    owner: user === p.pgdba,
    // Half of what is left: one that does not answer is asked again, or told apart from a slow one.
    timeoutMs: Math.max(500, Math.min(10_000, left(site) / 2)),
  };
}

/**
 * CREATE DATABASE locks its template, in synchronous replication until a standby has it: a session there waits as long, or makes it
 * fail. So pgdb's default is asked only where the server does not let us into `postgres`.
 */
function databasesOf({ pgdb }: Site['call']['parameters']): Pick<Target, 'database' | 'otherDatabase'> {
  return templates.includes(pgdb) ? { database: 'postgres', otherDatabase: pgdb } : { database: pgdb };
}

const templates = ['template0', 'template1'];

/** As psql finds it when pgsql runs it as pgdba: that user's own ~/.pgpass, if there is no passfile. libpq ignores one that others may read. */
export function passwordOf(user: string, { call: { parameters: p }, user: pgdba }: Site): string | undefined {
  if (user === p.monitor_user && p.monitor_password !== '') return p.monitor_password;
  const file = p.passfile === '' ? join(pgdba.home, '.pgpass') : p.passfile;
  if (p.passfile === '' && !isPrivate(file, pgdba.uid)) return undefined;
  const text = readText(file) ?? '';
  const { database, otherDatabase = database } = databasesOf(p);
  const found = [database, otherDatabase].flatMap((name) =>
    namesOf(p).flatMap((host) => findPassword(text, { host, port: `${p.pgport}`, database: name, user }) ?? []),
  );
  return found[0];
}

type Where = Pick<Site['call']['parameters'], 'pghost' | 'socketdir'>;

/** Undefined: by the default socket. */
function hostOf({ pghost, socketdir }: Where): string | undefined {
  return [pghost, socketdir].find((value) => value !== '');
}

/** The server's, in a password file: to libpq the default socket is localhost, another one its directory. */
function namesOf(where: Where): readonly string[] {
  const host = hostOf(where);
  if (host === undefined) return ['localhost'];
  return host.startsWith('/') ? [host, 'localhost'] : [host];
}
