// The names of files in a WAL archive. https://www.postgresql.org/docs/current/continuous-archiving.html
// Source: PostgreSQL src/include/access/xlog_internal.h (XLogFileName, IsPartialXLogFileName, IsBackupHistoryFileName).

/**
 * `place`: the 16 hexadecimal digits after the timeline. They order all segments of all timelines, as text as well.
 * A base backup's file has the name of the segment in which the backup began, and of the byte in it.
 */
export type WalName =
  | { readonly kind: 'segment' | 'partial' | 'backup'; readonly timeline: number; readonly place: string }
  | { readonly kind: 'history'; readonly timeline: number };

const form = /^([0-9A-F]{8})(?:(\.history)|([0-9A-F]{16})(?:(\.partial)|(\.[0-9A-F]{8}\.backup))?)$/;

/** Undefined if PostgreSQL would not give a file that name. */
export function readWalName(name: string): WalName | undefined {
  const [, id = '', history, place, partial, backup] = form.exec(name) ?? [];
  const timeline = parseInt(id, 16);
  if (!(timeline > 0)) return undefined;
  if (history !== undefined) return { kind: 'history', timeline };
  if (place === undefined) return undefined;
  if (backup !== undefined) return { kind: 'backup', timeline, place };
  return { kind: partial === undefined ? 'segment' : 'partial', timeline, place };
}

/** Which segment of its timeline it is, counted from the position 0/0. */
export function segmentNumber(place: string, segmentBytes: number): bigint {
  const perLog = 0x100000000n / BigInt(segmentBytes);
  return BigInt(`0x${place.slice(0, 8)}`) * perLog + BigInt(`0x${place.slice(8)}`);
}
