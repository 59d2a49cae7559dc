// The control file, read where no program can be started for it: where a server's data stand.
// Source: PostgreSQL src/include/catalog/pg_control.h. What is read here lies at the same place from PostgreSQL 12 to 18.
import type { Lsn } from './lsn.ts';

export type Position = { readonly timeline: number; readonly at: Lsn };

export type Standing = {
  /** Where the last checkpoint's record begins. */
  readonly checkpoint: Position;
  /** How far the data files may be ahead; undefined: they are not. */
  readonly least: Position | undefined;
};

/** PG_CONTROL_VERSION of 12, 13 to 16, 17 and 18. */
const known: readonly number[] = [1201, 1300, 1700, 1800];
export const pgControlBytes = 148;

/** Undefined if it is of a version that is not known here. */
export function readStanding(bytes: Buffer): Standing | undefined {
  if (bytes.length < pgControlBytes || !known.includes(bytes.readUInt32LE(8))) return undefined;
  const checkpoint = { timeline: bytes.readUInt32LE(48), at: bytes.readBigUInt64LE(32) };
  const least = { timeline: bytes.readUInt32LE(144), at: bytes.readBigUInt64LE(136) };
  return checkpoint.timeline === 0 ? undefined : { checkpoint, least: least.at === 0n ? undefined : least };
}
