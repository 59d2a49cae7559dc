// A checksum of the last WAL before a position: two servers with the same one have the same WAL there, whatever their timelines are
// called.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileBytes, readBytes } from '../host/bytes.ts';
import { namesIn } from '../host/disk.ts';
import { segmentName, timelineAt, type Lineage } from './lineage.ts';
import type { Lsn } from './lsn.ts';
import { isSegment } from './wal-files.ts';

/** Enough to hold records of transactions, whose times and checksums no other server has; little enough for every monitor. */
const stretchBytes = 64 * 1024;

/**
 * Returns 32 hexadecimal digits for the WAL of a data directory before a position; undefined if it is not in pg_wal as a whole.
 * The timeline that ends there may have been copied into a file of a later one: either will do.
 */
export function sumBefore(data: string, lineage: Lineage, at: Lsn): string | undefined {
  const folder = join(data, 'pg_wal');
  const first = namesIn(folder).find(isSegment);
  const segmentBytes = first === undefined ? undefined : fileBytes(join(folder, first));
  if (segmentBytes === undefined || segmentBytes < 1 << 20 || at <= 0n) return undefined;
  const begin = at - 1n - ((at - 1n) % BigInt(segmentBytes));
  const to = Number(at - begin);
  const range = { from: Math.max(0, to - stretchBytes), to };
  const timelines = [
    timelineAt(lineage, at - 1n),
    ...lineage.ancestors.map(({ timeline }) => timeline),
    lineage.timeline,
  ];
  for (const timeline of new Set(timelines)) {
    const bytes = readBytes(join(folder, segmentName(timeline, begin, segmentBytes)), range);
    if (bytes !== undefined) return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  }
  return undefined;
}
