// The primary, as the standby on this node would reach it: the same parameters as in recovery.conf, in a file for libpq.
import { join } from 'node:path';
import { monotonicMs } from '../lib/host/clock.ts';
import { makeDirectory } from '../lib/host/disk.ts';
import type { Exec } from '../lib/host/exec.ts';
import type { User } from '../lib/host/identity.ts';
import { lives, processesUnder, signal } from '../lib/host/processes.ts';
import { askingWith, type Asking } from '../lib/postgres/asking.ts';
import { greet } from '../lib/postgres/knock.ts';
import { askLineage, type Answer } from '../lib/postgres/walsender.ts';
import type { Call } from './call.ts';
import { connectionTo } from './rules/connection.ts';

/** What is needed to ask. */
export type Where = { readonly call: Call; readonly user: User; readonly exec: Exec; readonly deadline: number };

/**
 * Asks something with two services at hand: `replication`, as a standby, and `database`, an ordinary connection, which
 * pg_rewind needs.
 */
export async function asking<T>(where: Where, ask: (asking: Asking) => Promise<T>): Promise<T> {
  const { call, user, exec } = where;
  const p = call.parameters;
  makeDirectory(p.tmpdir, { ...user, gid: -1, mode: 0o700 }); // as act-files.ts does
  const replication = { ...connectionTo(call), replication: 'true', dbname: 'replication' };
  const database = { ...connectionTo(call), dbname: 'postgres' };
  const env = p.pglibs === '' ? {} : { LD_LIBRARY_PATH: p.pglibs };
  return askingWith({ prefix: prefixOf(where), user, exec, services: { replication, database }, env }, ask);
}

function prefixOf({ call }: Where): string {
  return join(call.parameters.tmpdir, 'ask-');
}

/** What an agent that was killed has left running would go on writing into the data. Returns when it is gone. */
export async function endLeftovers(where: Where): Promise<void> {
  const left = processesUnder(prefixOf(where));
  left.forEach((process) => signal(process, 'SIGKILL'));
  while (left.some(lives) && monotonicMs() < where.deadline) await new Promise((resolve) => setTimeout(resolve, 20));
}

const passing: Readonly<Record<string, string>> = {
  '57P03': 'the server at the primary’s address takes no connections now',
  ECONNREFUSED: 'nobody listens at the primary’s address',
  EHOSTUNREACH: 'the primary’s address cannot be reached',
  ETIMEDOUT: 'the server at the primary’s address does not answer',
  ECONNRESET: 'the server at the primary’s address hangs up',
};

/** Who the primary is, and where its timelines branched. Throws `UnreadableAnswer`. */
export function askPrimary({ call, deadline }: Where, primary: Asking): Promise<Answer> {
  const { host = '', hostaddr = host, port = '5432', user = '' } = connectionTo(call);
  const notReady = async () => passing[await greet({ host: hostaddr, port: Number(port), user }, 2000)];
  const timeoutMs = Math.min(10_000, Math.max(500, deadline - monotonicMs()) / 3);
  return askLineage(primary, { psql: call.parameters.psql, service: 'replication', timeoutMs, notReady });
}
