// Who holds a fast shutdown up and is none of the cluster's: PostgreSQL waits for each receiver until it has everything, and for the
// archiver until it has archived all. https://www.postgresql.org/docs/current/server-shutdown.html
import { findProcess, signal, type Process } from '../lib/host/processes.ts';
import { archiverOf } from '../lib/postgres/children.ts';
import { query, type Target } from '../lib/postgres/session.ts';
import type { Call } from './call.ts';
import { knownStandbys } from './rules/sync.ts';

type Receiver = { readonly process: Process; readonly name: string };

const question = `select pid, application_name as name from pg_stat_replication where state <> 'backup'`;

/** Receivers that are no standby of this resource's. It must be asked before the shutdown; a server that does not answer has none. */
export async function strangersOf(postmaster: Process, owner: Target, call: Call): Promise<readonly Receiver[]> {
  const [answer] = await query({ ...owner, timeoutMs: 1000 }, (rows) => (rows.length === 0 ? question : undefined));
  const rows = answer !== undefined && 'rows' in answer ? answer.rows : [];
  const peers = knownStandbys(call);
  return rows.flatMap(({ pid, name }) => {
    const process = typeof pid === 'number' ? findProcess(pid) : undefined;
    const known = typeof name !== 'string' || peers.has(name) || peers.has(name.toLowerCase());
    return process?.parent === postmaster.pid && !known ? [{ process, name }] : [];
  });
}

/** They lose what they have not confirmed, and get it from the next primary; the peers' own are waited for. Returns whom it has ended. */
export function endStrangers(receivers: readonly Receiver[]): readonly string[] {
  return receivers.flatMap(({ process, name }) => {
    const there = findProcess(process.pid)?.startTicks === process.startTicks;
    signal(process, 'SIGTERM');
    return there ? [`receiver ${name}`] : [];
  });
}

/** What is not archived stays in pg_wal, to be archived when this server is the primary again. */
export function endArchiver(postmaster: Process): readonly string[] {
  const found = archiverOf(postmaster);
  if (found === undefined) return [];
  for (const process of [found.archiver, ...found.commands]) signal(process, 'SIGTERM');
  return ['the archiver'];
}
