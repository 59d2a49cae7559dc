// What a shutdown of the primary would wait for, beyond the standbys of the cluster: asked before a planned change. Pure.
import type { Row } from '../../lib/postgres/session.ts';
import { readJson } from '../../lib/json.ts';

// PostgreSQL 12 and later. Whether a receiver has stopped is told by what was sent and it has not even written.
export const holdupsSql = `select pg_is_in_recovery() as in_recovery,
 (select count(*)::int from pg_ls_archive_statusdir() where name like '%.ready') as waiting, current_setting('archive_command') as command,
 coalesce((select json_agg(json_build_array(application_name, pid, coalesce(client_addr::text, 'this node'),
   extract(epoch from clock_timestamp() - reply_time)::int)) from pg_stat_replication
   where state <> 'backup' and (clock_timestamp() - reply_time > interval '30 s'
     or (clock_timestamp() - reply_time > interval '2 s' and write_lsn is distinct from sent_lsn))), '[]')::text as silent`;

/** So many files are archived within the time that a shutdown has for them, if the archive is no slower than usual. */
const fewFiles = 10;

/** Each in a sentence. `peers`: the cluster's standbys, which `cfha status` judges. */
export function holdupsIn(row: Row | undefined, peers: readonly string[]): readonly string[] {
  if (row?.['in_recovery'] !== false) return [];
  const { waiting, command, silent } = row;
  const list = readJson(typeof silent === 'string' ? silent : '');
  const files =
    typeof waiting === 'number' && waiting > fewFiles
      ? [
          `${waiting} WAL files wait for the archiver (archive_command: ${String(command).slice(0, 100)}): it gets 10 s for them, and the others are archived when this node is the primary again`,
        ]
      : [];
  return [...files, ...(Array.isArray(list) ? list : []).flatMap((entry) => silentOne(entry, peers))]; // prettier-ignore
}

function silentOne(entry: unknown, peers: readonly string[]): readonly string[] {
  const [name, pid, address, seconds] = Array.isArray(entry) ? (entry as unknown[]) : [];
  if (typeof name !== 'string' || peers.includes(name.toLowerCase())) return [];
  return [`the receiver ${name} (pid ${String(pid)}, ${String(address)}), which is no node of the cluster, has confirmed nothing for ${String(seconds)} s`];
} // prettier-ignore
