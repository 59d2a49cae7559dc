// What the server on this node is, and which WAL it and those who follow it may still ask for.
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { parseLsn, type Lsn } from '../lib/postgres/lsn.ts';

/** `from` is undefined if it does not say yet. */
export type Need = { readonly who: string; readonly from: Lsn | undefined };

export type Server = {
  readonly inRecovery: boolean;
  readonly systemId: string;
  readonly timeline: number;
  readonly segmentBytes: number;
  /** Where its recovery would begin after a crash: a primary's last checkpoint, a standby's last restartpoint. */
  readonly restart: Lsn;
  readonly standbys: readonly Need[];
  readonly slots: readonly Need[];
  /** Base backups that are being taken by pg_basebackup. */
  readonly backups: number;
  readonly archiver: Archiver;
};

export type Archiver = {
  /** Files that wait to be archived. */
  readonly waiting: number;
  /** The file that failed last, if nothing was archived since. */
  readonly failing: string | undefined;
};

// PostgreSQL 13 and later. A sender that copies a base backup has no positions; `backups` counts it.
export const serverSql = `select pg_is_in_recovery() as in_recovery,
 (select system_identifier::text from pg_control_system()) as system_id,
 case when pg_is_in_recovery() then (select timeline_id from pg_control_checkpoint())
 else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end as timeline,
 (select bytes_per_wal_segment from pg_control_init()) as segment_bytes,
 (select redo_lsn::text from pg_control_checkpoint()) as restart,
 coalesce((select json_agg(json_build_array(coalesce(nullif(application_name, ''), client_addr::text, 'pid ' || pid),
  coalesce(least(write_lsn, flush_lsn, replay_lsn), sent_lsn)::text)) from pg_stat_replication where state <> 'backup'), '[]')::text as standbys,
 coalesce((select json_agg(json_build_array(slot_name, restart_lsn::text)) from pg_replication_slots where restart_lsn is not null), '[]')::text as slots,
 (select count(*) from pg_stat_progress_basebackup)::int as backups,
 (select count(*) from pg_ls_archive_statusdir() where name like '%.ready')::int as waiting,
 (select last_failed_wal from pg_stat_archiver where last_failed_time > coalesce(last_archived_time, '-infinity')) as failing`;

type Row = Readonly<Record<string, unknown>>;

/** Reads the row of `serverSql`. */
export function readServer(row: Row | undefined): Server {
  if (row === undefined) throw new UnreadableAnswer('the server answered no row');
  const failing = row['failing'];
  return {
    inRecovery: row['in_recovery'] === true,
    systemId: text(row, 'system_id', /^\d{1,20}$/),
    timeline: number(row, 'timeline'),
    segmentBytes: number(row, 'segment_bytes'),
    restart: parseLsn(text(row, 'restart', /./)) ?? unreadable('restart', row['restart']),
    standbys: needs(row, 'standbys'),
    slots: needs(row, 'slots'),
    backups: number(row, 'backups'),
    archiver: { waiting: number(row, 'waiting'), failing: typeof failing === 'string' ? failing : undefined },
  };
}

function unreadable(column: string, value: unknown): never {
  throw new UnreadableAnswer(`the server answered ${JSON.stringify(value ?? null).slice(0, 100)} for ${column}`);
}

function number(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' && value >= 0 ? value : unreadable(column, value);
}

function text(row: Row, column: string, shape: RegExp): string {
  const value = row[column];
  return typeof value === 'string' && shape.test(value) ? value : unreadable(column, value);
}

function needs(row: Row, column: string): readonly Need[] {
  const entries: unknown = JSON.parse(text(row, column, /^\[/));
  return (entries as unknown[]).map((entry) => {
    const [who, from] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof who !== 'string') return unreadable(column, entry);
    // Unreadable is not "nothing": it could be what is needed most.
    return { who, from: typeof from === 'string' ? (parseLsn(from) ?? unreadable(column, entry)) : undefined };
  });
}
