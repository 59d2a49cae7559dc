// A checksum of the last WAL before a position: two servers with the same one have the same WAL there, whatever their timelines are
// called.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileBytes, readBytes } from '../host/bytes.ts';
import { namesIn } from '../host/disk.ts';
import { segmentName, timelineAt, type Lineage } from './lineage.ts';
import type { Lsn } from './lsn.ts';
import { isSegment } from './wal-files.ts';

/** A whole file of the usual size: its end alone may be zeroes, which every file has after a switch. */
const stretchBytes = 16 * 1024 * 1024;
/** Less than this of a file says little: then the one before counts too. */
const leastBytes = 1024 * 1024;

/**
 * Returns 32 hexadecimal digits for the WAL of a data directory before a position; undefined if it is not in pg_wal as a whole, or is
 * zeroes. The timeline that ends there may have been copied into a file of a later one: either will do.
 */
export function sumBefore(data: string, lineage: Lineage, at: Lsn): string | undefined {
  const bytes = bytesBefore(join(data, 'pg_wal'), lineage, at);
  return bytes === undefined || bytes.equals(Buffer.alloc(bytes.length))
    ? undefined
    : createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}

function bytesBefore(folder: string, lineage: Lineage, at: Lsn): Buffer | undefined {
  const first = namesIn(folder).find(isSegment);
  const segmentBytes = first === undefined ? undefined : fileBytes(join(folder, first));
  if (segmentBytes === undefined || segmentBytes < leastBytes || at <= 0n) return undefined;
  const read = (to: Lsn): Buffer | undefined => readEnd(folder, lineage, { to, segmentBytes });
  const inLast = Number((at - 1n) % BigInt(segmentBytes)) + 1;
  const isShort = inLast < leastBytes && at > BigInt(inLast);
  const parts = isShort ? [read(at - BigInt(inLast)), read(at)] : [read(at)];
  const found = parts.filter((part) => part !== undefined);
  return found.length === parts.length ? Buffer.concat(found) : undefined;
}

type End = { readonly to: Lsn; readonly segmentBytes: number };

/** The WAL of one file, up to a position. */
function readEnd(folder: string, lineage: Lineage, { to: at, segmentBytes }: End): Buffer | undefined {
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
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}
