// The file system that slots keep WAL on: asked only where a standby has logical slots that nobody reads.
import { statfsSync } from 'node:fs';
import type { Site } from './site.ts';
import { answerOf, type Snapshot } from './snapshot.ts';

export function lookAtWalRoom({ call }: Site, seen: Snapshot): Pick<Snapshot, 'walRoom'> {
  const answer = answerOf(seen);
  if (answer?.inRecovery !== true || answer.strayLogicalSlots.length === 0) return {};
  try {
    const { bavail, blocks, bsize } = statfsSync(`${call.parameters.pgdata}/pg_wal`);
    return { walRoom: { freeBytes: bavail * bsize, bytes: blocks * bsize } };
  } catch {
    return {}; // what is not known drops nothing
  }
}
