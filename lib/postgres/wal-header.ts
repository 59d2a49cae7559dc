// The first page of a WAL segment says whose it is. Source: PostgreSQL src/include/access/xlog_internal.h,
// XLogLongPageHeaderData: magic (2), info (2), timeline (4), page address (8), remaining length (4, padded to 8),
// system identifier (8), segment size (4), block size (4), all in the machine's order, which is little-endian on ours.
import type { Lsn } from './lsn.ts';

export type WalHeader = {
  readonly timeline: number;
  readonly address: Lsn;
  readonly systemId: string;
  readonly segmentBytes: number;
};

export const walHeaderBytes = 40;

/** XLP_LONG_HEADER: the first page of every segment has it. */
const longHeader = 0x0002;

/** Undefined if the bytes are not the beginning of a segment. The magic numbers of all versions are 0xD0xx and 0xD1xx. */
export function readWalHeader(bytes: Buffer): WalHeader | undefined {
  if (bytes.length < walHeaderBytes) return undefined;
  const magic = bytes.readUInt16LE(0);
  const segmentBytes = bytes.readUInt32LE(32);
  const isPowerOfTwo = segmentBytes >= 1 << 20 && segmentBytes <= 1 << 30 && (segmentBytes & (segmentBytes - 1)) === 0;
  if (magic >> 9 !== 0xd0 >> 1 || (bytes.readUInt16LE(2) & longHeader) === 0 || !isPowerOfTwo) return undefined;
  return {
    timeline: bytes.readUInt32LE(4),
    address: bytes.readBigUInt64LE(8),
    systemId: String(bytes.readBigUInt64LE(24)),
    segmentBytes,
  };
}
