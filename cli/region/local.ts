// What the server of this node says about replication: one question, asked of whatever role it has. Pure, but for the asking.
import { UnreadableAnswer } from '../../lib/host/exec.ts';
import type { Row } from '../../lib/postgres/session.ts';

/** How far a standby is behind. */
export type Lag = { readonly node: string; readonly state: string; readonly bytes: number; readonly seconds: number };

/** `limit`: max_slot_wal_keep_size as it is in force; undefined before PostgreSQL 13, which knows none. */
type Slots = {
  readonly count: number;
  readonly limit: string | undefined;
  /** Logical ones that nobody reads and nothing synchronises. */
  readonly strays: readonly string[];
};

export type Waiting = { readonly count: number; readonly seconds: number };

type Role =
  | {
      readonly role: 'primary';
      readonly standbys: readonly Lag[];
      /** Commits that wait for a synchronous standby, and the longest wait; undefined: it was not told. */
      readonly waiting?: Waiting | undefined;
    }
  /** `silentSeconds`: since the primary was last heard of; undefined: no connection to it. */
  | { readonly role: 'standby'; readonly behindBytes: number | undefined; readonly silentSeconds: number | undefined };

export type Local = Role & { readonly slots: Slots };

// PostgreSQL 12 and later. A standby may have senders of its own, hence the CASE.
export const localSql = `select pg_is_in_recovery() as standby,
 coalesce((select json_agg(json_build_array(application_name, state,
   pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end, flush_lsn),
   extract(epoch from coalesce(flush_lag, '0')))) from pg_stat_replication), '[]')::text as senders,
 (select pg_wal_lsn_diff(latest_end_lsn, pg_last_wal_receive_lsn())::text from pg_stat_wal_receiver where status = 'streaming') as behind,
 (select extract(epoch from clock_timestamp() - last_msg_receipt_time)::text from pg_stat_wal_receiver where status = 'streaming') as silent,
 (select json_build_array(count(*), coalesce(extract(epoch from max(clock_timestamp() - state_change)), 0))::text
   from pg_stat_activity where wait_event = 'SyncRep') as waits,
 (select count(*)::int from pg_replication_slots) as slots,
 (select coalesce(json_agg(slot_name), '[]') from pg_replication_slots s
   where slot_type = 'logical' and not active and to_jsonb(s)->>'synced' is distinct from 'true')::text as strays, current_setting('max_slot_wal_keep_size', true) as slot_limit`;

/** Reads the row. Throws `UnreadableAnswer` if it is something else. */
export function readLocal(row: Row | undefined): Local {
  const { slots, strays, slot_limit: limit } = row ?? {};
  return {
    ...readRole(row),
    slots: {
      count: number(slots) ?? 0,
      limit: typeof limit === 'string' ? limit : undefined,
      strays: typeof strays === 'string' ? list(strays).map(String) : [],
    },
  };
}

function readRole(row: Row | undefined): Role {
  const { standby, senders, behind, silent, waits } = row ?? {};
  if (standby === true) return { role: 'standby', behindBytes: number(behind), silentSeconds: number(silent) };
  if (standby !== false || typeof senders !== 'string')
    throw new UnreadableAnswer('the server answered something else');
  return { role: 'primary', standbys: list(senders).map(readSender), waiting: readWaiting(waits) };
}

function readWaiting(text: unknown): Waiting | undefined {
  const [count, seconds] = typeof text === 'string' ? list(text).map(number) : [];
  return count === undefined || seconds === undefined ? undefined : { count, seconds };
}

function list(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // said below
  }
  throw new UnreadableAnswer('the server answered no list of standbys');
}

function readSender(entry: unknown): Lag {
  const [node, state, bytes, seconds] = Array.isArray(entry) ? (entry as unknown[]) : [];
  if (typeof node !== 'string') throw new UnreadableAnswer('a standby has no name');
  return {
    node,
    state: typeof state === 'string' ? state : '?',
    bytes: Math.max(0, number(bytes) ?? NaN),
    seconds: number(seconds) ?? NaN,
  };
}

function number(value: unknown): number | undefined {
  const read = typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN;
  return Number.isNaN(read) ? undefined : read;
}
