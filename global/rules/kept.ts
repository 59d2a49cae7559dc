// What WAL a site keeps for the other one: a physical slot that nobody streams from, and that the watch moves on. A standby has it as
// well: what it keeps when it is promoted is what the former primary is rewound with.
import { UnreadableAnswer } from '../../lib/host/exec.ts';
import { formatLsn, parseLsn, type Lsn } from '../../lib/postgres/lsn.ts';
import type { Line } from './facts.ts';

export const slotName = 'cfha_global';

export type Kept = {
  /** max_slot_wal_keep_size in bytes; undefined: no limit. */
  readonly limit: bigint | undefined;
  /** max_wal_size in bytes: how much may be written between two checkpoints. */
  readonly most: bigint;
  readonly slot:
    | {
        readonly from: Lsn | undefined;
        readonly lost: boolean;
        /** Another kind of slot has this name. */ readonly foreign: boolean;
      }
    | undefined;
  /** Of the last checkpoint, or restartpoint: where recovery would begin here. */
  readonly redo: Lsn;
  /** Its record, which pg_rewind looks for: written when the checkpoint ends. */
  readonly checkpoint: Lsn;
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
  if (slot === undefined) return limit === undefined ? undefined : { do: 'make slot' };
  if (slot.foreign) return undefined;
  // Without a limit a site that stays away fills the disk of the one that serves.
  return limit === undefined ? { do: 'drop slot' } : moved(slot, needless(kept));
}

function moved({ from, lost }: NonNullable<Kept['slot']>, to: Lsn | undefined): KeepStep | undefined {
  if (to === undefined) return undefined;
  // What is lost stays, to be seen, until the other site is here again; then it is made anew.
  if (lost) return { do: 'drop slot' };
  return from !== undefined && from < to ? { do: 'move slot', to } : undefined;
}

/** What the log says of it; undefined: nothing. */
export function keptLine(kept: Kept, step: KeepStep | undefined): Line | undefined {
  const { limit, slot } = kept;
  const obstacle = obstacleOf(keptOf(kept));
  if (obstacle !== undefined) return ['WARNING', `WAL for the other site: ${obstacle}`];
  if (slot?.lost !== true && isSmall(kept))
    return ['WARNING', `WAL for the other site: max_slot_wal_keep_size is ${megabytes(String(limit))}, ${tooSmall}`];
  return step?.do === 'make slot' ? ['INFO', 'WAL is kept for the other site from here on'] : undefined;
}

const tooSmall = 'less than max_wal_size, which may be written between two checkpoints: what is kept is lost before it can be moved on'; // prettier-ignore

function isSmall({ limit, most }: Pick<Kept, 'limit' | 'most'>): boolean {
  return limit !== undefined && limit < most;
}

/**
 * What lies before it nobody asks for. pg_rewind begins with the last checkpoint whose record both sites have: one that ends
 * while the other site is being lost is not that.
 */
function needless({ inRecovery, redo, checkpoint, flushed }: Kept): Lsn | undefined {
  return inRecovery || (flushed !== undefined && flushed > checkpoint) ? redo : undefined;
}

/** In bytes; `from` null: nothing is kept, `limit` null: there is none. */
export type KeptStatus = {
  readonly from: string | null;
  readonly bytes: string;
  readonly limit: string | null;
  readonly lost: boolean;
  /** The limit is smaller than what may be written between two checkpoints. */
  readonly small: boolean;
  readonly foreign: boolean;
};

export function keptOf({ slot, limit, most, end }: Kept): KeptStatus {
  const { from, lost, foreign } = slot ?? { from: undefined, lost: false, foreign: false };
  return {
    from: from === undefined ? null : formatLsn(from),
    bytes: String(from === undefined || end < from ? 0n : end - from),
    limit: limit === undefined ? null : String(limit),
    lost,
    small: isSmall({ limit, most }),
    foreign,
  };
}

const megabytes = (bytes: string): string => `${BigInt(bytes) / 1_048_576n} MB`;

/** Why nothing is kept, and what to do; undefined: nothing is in the way. */
function obstacleOf({ limit, lost, foreign }: KeptStatus): string | undefined {
  if (foreign) return `none is kept: the slot ${slotName} is another one’s (not physical, or used); drop it, if nobody needs it`; // prettier-ignore
  if (limit === null) return 'none is kept: max_slot_wal_keep_size has no limit, and the disk would fill; set one';
  if (lost) return `what was kept is gone: more was written than the ${megabytes(limit)} of max_slot_wal_keep_size (or, PostgreSQL 18, idle_replication_slot_timeout has ended it)`; // prettier-ignore
  return undefined;
}

export function keptText(kept: KeptStatus): string {
  const { from, bytes, limit, small } = kept;
  const obstacle = obstacleOf(kept);
  if (obstacle !== undefined) return `WAL for the other site: ${obstacle}`;
  const most = `at most ${megabytes(limit ?? '0')}${small ? `, ${tooSmall}` : ''}`;
  return from === null
    ? 'no WAL for the other site yet (if it stays so: journalctl -u cfha-global-watch)'
    : `${megabytes(bytes)} of WAL for the other site, from ${from}; ${most}`;
}

/** `other`: the name that the other site's WAL receiver gives. */
export function keptSql(other: string): string {
  return `select (select setting from pg_settings where name = 'max_slot_wal_keep_size') as limit_mb,
 (select setting from pg_settings where name = 'max_wal_size') as most_mb,
 pg_is_in_recovery() as in_recovery,
 case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text as wal_end,
 control.redo_lsn::text as redo, control.checkpoint_lsn::text as checkpoint,
 (select max(flush_lsn)::text from pg_stat_replication where application_name = '${other.replaceAll("'", "''")}') as flushed,
 slot.slot_name, slot.restart_lsn::text as kept_from, slot.wal_status,
 slot.slot_type <> 'physical' or slot.active as is_foreign
 from pg_control_checkpoint() control left join pg_replication_slots slot on slot_name = '${slotName}'`;
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
    most: megabytesIn(row, 'most_mb'),
    redo: position(row, 'redo') ?? unreadable(row, 'redo'),
    checkpoint: position(row, 'checkpoint') ?? unreadable(row, 'checkpoint'),
    end: position(row, 'wal_end') ?? unreadable(row, 'wal_end'),
    flushed: position(row, 'flushed'),
    slot:
      row['slot_name'] === slotName
        ? { from: position(row, 'kept_from'), lost: row['wal_status'] === 'lost', foreign: row['is_foreign'] === true }
        : undefined,
  };
}

function limitOf(row: Row): bigint | undefined {
  return row['limit_mb'] === '-1' ? undefined : megabytesIn(row, 'limit_mb');
}

/** In bytes. */
function megabytesIn(row: Row, column: string): bigint {
  const text = row[column];
  return typeof text === 'string' && /^\d{1,12}$/.test(text) ? BigInt(text) * 1_048_576n : unreadable(row, column);
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
