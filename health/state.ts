// What the server on this node says of itself, in one row.
import { UnreadableAnswer } from '../lib/host/exec.ts';

export type State = {
  readonly inRecovery: boolean;
  /** A transaction of this session may write: default_transaction_read_only is off. */
  readonly mayWrite: boolean;
  /** How far a standby is behind what its primary last told; undefined if it does not know: it does not stream. */
  readonly lagBytes: number | undefined;
  /** How old the newest commit is that it shows, at most; 0 if it shows all that it knows of. */
  readonly lagSeconds: number | undefined;
};

// The standby's own word on the end of its primary's WAL is of the last message. A receiver that has heard nothing for longer
// than this does not know any more whether it has everything.
const silentSeconds = 30;

export const stateSql = `with s as (select pg_is_in_recovery() as in_recovery, pg_last_wal_replay_lsn() as replayed,
 extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8 as age),
 r as (select latest_end_lsn as latest from pg_stat_wal_receiver
 where status = 'streaming' and last_msg_receipt_time > clock_timestamp() - interval '${silentSeconds} s')
 select in_recovery, current_setting('transaction_read_only') = 'off' as may_write,
 case when in_recovery and r.latest is not null then greatest(pg_wal_lsn_diff(r.latest, replayed), 0)::float8 end as lag_bytes,
 case when not in_recovery then null when r.latest <= replayed then 0 else age end as lag_seconds
 from s left join r on true`;

/** A commit that waits until it is on this server's disk, and on no other's. 'cfha' is what logical decoding sees. */
export const proofSql = `select pg_logical_emit_message(true, 'cfha', '')`;

type Row = Readonly<Record<string, unknown>>;

/** Reads the row of `stateSql`. */
export function readState(row: Row | undefined): State {
  const { in_recovery: inRecovery, may_write: mayWrite } = row ?? {};
  if (typeof inRecovery !== 'boolean' || typeof mayWrite !== 'boolean')
    throw new UnreadableAnswer('the server answered nothing readable');
  return { inRecovery, mayWrite, lagBytes: number(row, 'lag_bytes'), lagSeconds: number(row, 'lag_seconds') };
}

function number(row: Row | undefined, column: string): number | undefined {
  const value = row?.[column];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
