// The settings of which a hot standby needs at least what its primary has.
// https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN
import { UnreadableAnswer, type Result } from '../host/exec.ts';

/** With what a server has that is told nothing else: the same in PostgreSQL 12 to 18. */
export const limitDefaults = {
  max_connections: 100,
  max_worker_processes: 8,
  max_wal_senders: 10,
  max_prepared_transactions: 0,
  max_locks_per_transaction: 64,
} as const;

export type LimitName = keyof typeof limitDefaults;
export type Limits = Readonly<Record<LimitName, number>>;

export const limitNames = Object.keys(limitDefaults) as LimitName[];

const labels: Readonly<Record<LimitName, string>> = {
  max_connections: 'max_connections',
  max_worker_processes: 'max_worker_processes',
  max_wal_senders: 'max_wal_senders',
  max_prepared_transactions: 'max_prepared_xacts',
  max_locks_per_transaction: 'max_locks_per_xact',
};

/** What the control file has of the primary: pg_controldata. Throws `UnreadableAnswer`. */
export function recordedLimits({ code, stdout }: Result): Limits {
  return limitsBy((name) => {
    const value = new RegExp(`^${labels[name]} setting: +(\\d{1,10})$`, 'm').exec(code === 0 ? stdout : '')?.[1];
    return value === undefined ? undefined : Number(value);
  }, 'pg_controldata');
}

/** What a server answers; undefined for null. Throws `UnreadableAnswer`. */
export function readLimits(value: unknown): Limits | undefined {
  if (value === null || value === undefined) return undefined;
  const all: Readonly<Record<string, unknown>> = typeof value === 'object' ? { ...value } : {};
  return limitsBy((name) => (/^\d{1,10}$/.test(String(all[name])) ? Number(all[name]) : undefined), 'the server');
}

function limitsBy(valueFor: (name: LimitName) => number | undefined, who: string): Limits {
  const entries = limitNames.map((name) => {
    const value = valueFor(name);
    if (value === undefined) throw new UnreadableAnswer(`${who} gave no usable ${name}`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as Limits;
}

/** The value of an integer setting as it is written: decimal, hexadecimal or octal; undefined: something else. */
export function readInteger(text: string): number | undefined {
  const digits = text.trim();
  if (/^0[xX][0-9a-fA-F]{1,8}$/.test(digits)) return parseInt(digits, 16);
  if (/^0[0-7]{1,11}$/.test(digits)) return parseInt(digits, 8);
  return /^\d{1,10}$/.test(digits) ? Number(digits) : undefined;
}
