// What WAL a site keeps for the other one: a physical slot that nobody streams from, and that the watch moves on. A standby has it as
// well: what it keeps when it is promoted is what the former primary is rewound with.
import { UnreadableAnswer } from '../../lib/host/exec.ts';
import { formatLsn, parseLsn, type Lsn } from '../../lib/postgres/lsn.ts';
import type { Line } from './facts.ts';

export const slotName = 'cfha_global';

export type Kept = {
  /** max_slot_wal_keep_size in bytes; undefined: no limit. */
  readonly limit: bigint | undefined;
  readonly slot: { readonly from: Lsn | undefined; readonly lost: boolean } | undefined;
  /** Where recovery would begin here, and pg_rewind's work: the redo position of the last checkpoint, or restartpoint. */
  readonly redo: Lsn;
  readonly inRecovery: boolean;
  /** Of WAL here. */
  readonly end: Lsn;
  /** How far the other site has WAL of this one on its disk; undefined: it does not stream. */
  readonly flushed: Lsn | undefined;
};

export type KeepStep =
  { readonly do: 'make slot' } | { readonly do: 'drop slot' } | { readonly do: 'move slot'; readonly to: Lsn };

/** Undefined: it is as it should be. */
export function keep(kept: Kept): KeepStep | undefined {
  const { limit, slot } = kept;
  // Without a limit a site that stays away fills the disk of the one that serves.
  if (limit === undefined) return slot && { do: 'drop slot' };
  if (slot === undefined) return { do: 'make slot' };
  const to = needless(kept);
  if (to === undefined) return undefined;
  // What is lost stays, to be seen, until the other site is here again; then it is made anew.
  if (slot.lost) return { do: 'drop slot' };
  return slot.from !== undefined && slot.from < to ? { do: 'move slot', to } : undefined;
}

/** What the log says of it; undefined: nothing. */
export function keptLine({ limit, slot }: Kept, step: KeepStep | undefined): Line | undefined {
  if (limit === undefined)
    return [
      'WARNING',
      'No WAL is kept for the other site: max_slot_wal_keep_size has no limit, and the disk would fill',
    ];
  if (slot?.lost === true)
    return ['WARNING', 'The other site was away for longer than WAL is kept for it (max_slot_wal_keep_size)'];
  return step?.do === 'make slot' ? ['INFO', 'WAL is kept for the other site from here on'] : undefined;
}

/** What lies before it nobody asks for. */
function needless({ inRecovery, redo, flushed }: Kept): Lsn | undefined {
  if (inRecovery) return redo;
  return flushed !== undefined && redo < flushed ? redo : flushed;
}

/** In bytes; `from` null: nothing is kept, `limit` null: there is none. */
export type KeptStatus = {
  readonly from: string | null;
  readonly bytes: string;
  readonly limit: string | null;
  readonly lost: boolean;
};

export function keptOf({ slot, limit, end }: Kept): KeptStatus {
  const { from, lost } = slot ?? { from: undefined, lost: false };
  return {
    from: from === undefined ? null : formatLsn(from),
    bytes: String(from === undefined || end < from ? 0n : end - from),
    limit: limit === undefined ? null : String(limit),
    lost,
  };
}

const megabytes = (bytes: string): string => `${BigInt(bytes) / 1_048_576n} MB`;

export function keptText({ from, bytes, limit, lost }: KeptStatus): string {
  if (limit === null) return 'no WAL for the other site: max_slot_wal_keep_size has no limit, and the disk would fill';
  if (lost)
    return `no WAL for the other site: it was away for longer than the ${megabytes(limit)} of max_slot_wal_keep_size`;
  return from === null
    ? 'no WAL for the other site yet'
    : `${megabytes(bytes)} of WAL for the other site, from ${from}; at most ${megabytes(limit)}`;
}

/** `other`: the name that the other site's WAL receiver gives. */
export function keptSql(other: string): string {
  return `select (select setting from pg_settings where name = 'max_slot_wal_keep_size') as limit_mb,
 pg_is_in_recovery() as in_recovery,
 case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text as wal_end,
 (select redo_lsn::text from pg_control_checkpoint()) as redo,
 (select max(flush_lsn)::text from pg_stat_replication where application_name = '${other.replaceAll("'", "''")}') as flushed,
 slot.slot_name, slot.restart_lsn::text as kept_from, slot.wal_status
 from (select) one left join pg_replication_slots slot on slot_name = '${slotName}'`;
}

export function stepSql(step: KeepStep): string {
  if (step.do === 'make slot') return `select pg_create_physical_replication_slot('${slotName}', true)`;
  if (step.do === 'drop slot') return `select pg_drop_replication_slot('${slotName}')`;
  return `select pg_replication_slot_advance('${slotName}', '${formatLsn(step.to)}')`;
}

type Row = Readonly<Record<string, unknown>>;

/** Reads the row of `keptSql`. Throws `UnreadableAnswer` naming the column that is not what it must be. */
export function readKept(row: Row | undefined): Kept {
  if (row === undefined) throw new UnreadableAnswer('the server answered no row about its slots');
  const inRecovery = row['in_recovery'];
  if (typeof inRecovery !== 'boolean') return unreadable(row, 'in_recovery');
  return {
    inRecovery,
    limit: limitOf(row),
    redo: position(row, 'redo') ?? unreadable(row, 'redo'),
    end: position(row, 'wal_end') ?? unreadable(row, 'wal_end'),
    flushed: position(row, 'flushed'),
    slot:
      row['slot_name'] === slotName
        ? { from: position(row, 'kept_from'), lost: row['wal_status'] === 'lost' }
        : undefined,
  };
}

function limitOf(row: Row): bigint | undefined {
  const text = row['limit_mb'];
  if (text === '-1') return undefined;
  return typeof text === 'string' && /^\d{1,12}$/.test(text) ? BigInt(text) * 1_048_576n : unreadable(row, 'limit_mb');
}

function position(row: Row, column: string): Lsn | undefined {
  const value = row[column];
  if (value === null || value === undefined) return undefined;
  return (typeof value === 'string' ? parseLsn(value) : undefined) ?? unreadable(row, column);
}

function unreadable(row: Row, column: string): never {
  const text = JSON.stringify(row[column] ?? null);
  throw new UnreadableAnswer(`the server answered ${text.slice(0, 100)} for ${column}`);
}
