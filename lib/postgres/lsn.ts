// Positions in the write-ahead log. https://www.postgresql.org/docs/current/datatype-pg-lsn.html

/** A byte position in the WAL. */
export type Lsn = bigint;

/** Reads `16/B374D848`; undefined if it is anything else. */
export function parseLsn(text: string): Lsn | undefined {
  const parts = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text);
  return parts?.[1] === undefined || parts[2] === undefined
    ? undefined
    : (BigInt(`0x${parts[1]}`) << 32n) | BigInt(`0x${parts[2]}`);
}

/** As PostgreSQL prints it: `16/B374D848`. */
export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase();
}

/** 16 upper-case hexadecimal digits: the form of pgsql's xlog-loc attribute, which compares correctly as text. */
export function lsnDigits(lsn: Lsn): string {
  return lsn.toString(16).toUpperCase().padStart(16, '0');
}

/** The larger of two positions of which either may be missing. */
export function laterLsn(a: Lsn | undefined, b: Lsn | undefined): Lsn | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}
