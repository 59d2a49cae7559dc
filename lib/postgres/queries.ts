// Each SQL question with its reader. The monitor asks one: everything it needs comes back in one row.
import { UnreadableAnswer } from '../host/exec.ts';
import { readJson } from '../json.ts';
import { limitNames, readLimits, type Limits } from './limits.ts';
import { parseLsn, type Lsn } from './lsn.ts';

/** One row of pg_stat_replication. `state` is undefined if the asking role may not see it (no pg_monitor). */
export type Sender = {
  readonly applicationName: string;
  readonly state: string | undefined;
  readonly syncState: string | undefined;
  /** How far the standby has written its WAL to disk. */
  readonly flushed: Lsn | undefined;
};

export type InstanceAnswer = {
  readonly inRecovery: boolean;
  readonly synchronousStandbyNames: string;
  readonly received: Lsn | undefined;
  readonly replayed: Lsn | undefined;
  /** The end of WAL of a primary. */
  readonly written: Lsn | undefined;
  readonly walReceiver: boolean;
  readonly senders: readonly Sender[];
  readonly physicalSlots: readonly string[];
  /** Those that have reached max_slot_wal_keep_size: they keep no WAL any more. */
  readonly lostSlots: readonly string[];
  /** Logical slots that nobody reads now and that the server does not keep in step with its primary's (`synced`, 17 and later). */
  readonly strayLogicalSlots: readonly string[];
  /** The newest timeline that the server says it has WAL of. */
  readonly timeline: number;
  readonly systemIdentifier: string;
  /** In synchronous replication: the checkpointer, which tells the others whether commits wait, has nothing left to read. */
  readonly checkpointerIdle: boolean;
  /** Of a standby whose replay is paused: the settings that a standby needs as large as its primary's. */
  readonly pausedWith?: Limits | undefined;
};

// The WAL receiver knows a timeline before the control file does; see also wal-files.ts.
const standbyTimeline = `greatest((select timeline_id from pg_control_checkpoint()),
 (select min_recovery_end_timeline from pg_control_recovery()), receiver.received_tli)`;

const limits = `json_build_object(${limitNames.map((name) => `'${name}', current_setting('${name}')`).join(', ')})::text`;

// PostgreSQL 12 and later. Functions of the primary alone may not be called in recovery, hence the CASE.
// It is asked in a new session each time, whose caches are empty: the functions behind the views pg_stat_replication,
// pg_stat_activity, pg_stat_wal_receiver and pg_replication_slots, without what the views join to them, take a third of the time
// (`src/backend/catalog/system_views.sql`; docs/decisions/0011).
export const instanceSql = `select pg_is_in_recovery() as in_recovery,
 current_setting('synchronous_standby_names') as sync_names,
 pg_last_wal_receive_lsn()::text as received, pg_last_wal_replay_lsn()::text as replayed,
 case when pg_is_in_recovery() then null else pg_current_wal_lsn()::text end as written,
 receiver.pid is not null as wal_receiver,
 coalesce((select json_agg(json_build_array((select application_name from pg_stat_get_activity(w.pid)),
 upper(state), upper(sync_state), flush_lsn::text)) from pg_stat_get_wal_senders() w), '[]')::text as senders,
 slots.physical::text as slots, slots.lost::text as lost_slots, slots.stray::text as stray_slots,
 case when pg_is_in_recovery() then ${standbyTimeline}
 else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end as timeline,
 (select system_identifier::text from pg_control_system()) as system_identifier,
 case when pg_is_in_recovery() or current_setting('synchronous_standby_names') = '' then false else exists
 (select from pg_stat_get_activity(null) where backend_type = 'checkpointer' and wait_event in ('CheckpointerMain', 'CheckpointWriteDelay'))
 end as checkpointer_idle,
 case when pg_is_in_recovery() then case when pg_is_wal_replay_paused() then ${limits} end end as paused_with
 from pg_stat_get_wal_receiver() receiver,
 (select coalesce(json_agg(slot_name) filter (where slot_type = 'physical'), '[]') as physical,
 coalesce(json_agg(slot_name) filter (where slot_type = 'physical' and not active and to_jsonb(s)->>'wal_status' = 'lost'), '[]') as lost,
 coalesce(json_agg(slot_name) filter (where slot_type = 'logical' and not active and to_jsonb(s)->>'synced' is distinct from 'true'), '[]') as stray
 from pg_get_replication_slots() s) slots`;

type Row = Readonly<Record<string, unknown>>;

/** Reads the row of `instanceSql`. Throws `UnreadableAnswer` naming the column that is not what it must be. */
export function readInstance(row: Row | undefined): InstanceAnswer {
  if (row === undefined) throw new UnreadableAnswer('the server answered no row');
  return {
    inRecovery: truth(row, 'in_recovery'),
    synchronousStandbyNames: text(row, 'sync_names'),
    received: lsn(row, 'received'),
    replayed: lsn(row, 'replayed'),
    written: lsn(row, 'written'),
    walReceiver: truth(row, 'wal_receiver'),
    senders: list(row, 'senders').map(readSender),
    physicalSlots: list(row, 'slots').map(String),
    lostSlots: list(row, 'lost_slots').map(String),
    strayLogicalSlots: list(row, 'stray_slots').map(String),
    timeline: timeline(row),
    systemIdentifier: text(row, 'system_identifier'),
    checkpointerIdle: truth(row, 'checkpointer_idle'),
    ...pause(row),
  };
}

function pause(row: Row): Pick<InstanceAnswer, 'pausedWith'> {
  const value = row['paused_with'] ?? null;
  return value === null ? {} : { pausedWith: readLimits(readJson(text(row, 'paused_with'))) };
}

function readSender(entry: unknown): Sender {
  if (!Array.isArray(entry)) throw new UnreadableAnswer('a row of pg_stat_replication is no list');
  const [name, state, sync, flushed] = entry as unknown[];
  const word = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    applicationName: word(name) ?? '',
    state: word(state),
    syncState: word(sync),
    flushed: parseLsn(word(flushed) ?? ''),
  };
}

function timeline(row: Row): number {
  const value = row['timeline'];
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : unreadable('timeline', value);
}

function unreadable(column: string, value: unknown): never {
  throw new UnreadableAnswer(`the server answered ${JSON.stringify(value ?? null).slice(0, 100)} for ${column}`);
}

function truth(row: Row, column: string): boolean {
  const value = row[column];
  return typeof value === 'boolean' ? value : unreadable(column, value);
}

function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : unreadable(column, value);
}

function lsn(row: Row, column: string): Lsn | undefined {
  const value = row[column];
  if (value === null || value === undefined) return undefined;
  return (typeof value === 'string' ? parseLsn(value) : undefined) ?? unreadable(column, value);
}

function list(row: Row, column: string): readonly unknown[] {
  const value = readJson(text(row, column));
  return Array.isArray(value) ? value : unreadable(column, value);
}
