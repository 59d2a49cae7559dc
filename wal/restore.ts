// restore_command: one file out of the archive, whole or not at all.
// https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-RESTORE-COMMAND
import { join } from 'node:path';
import { readWalHeader, walHeaderBytes } from '../lib/postgres/wal-header.ts';
import { readWalName, type WalName } from '../lib/postgres/wal-names.ts';
import { copyBytes, head, quietly, unfinished, type Disk } from './disk.ts';
import { readMark } from './mark.ts';
import { withheld, type Asker } from './histories.ts';
import { errno, Refusal, sentence, type Outcome } from './outcome.ts';

export type RestoreRequest = {
  /** The file wanted, as PostgreSQL's %f. */
  readonly name: string;
  /** Where it is wanted, as %p. */
  readonly path: string;
  readonly directory: string;
  /** True in a standby's data directory: the server asks again. */
  readonly standby: boolean;
  /** The standby; undefined: a recovery to a point in time, whose timeline an administrator chooses. */
  readonly asker?: Asker | undefined;
};

/**
 * PostgreSQL takes any code up to 125 for "that is the end of the archive", and stops at a higher one. A standby must not
 * stop: it streams, and asks again in seconds. A recovery to a point in time must: it would end where the archive could not
 * be read, as a primary without the rest.
 */
const failure = (standby: boolean): number => (standby ? 1 : 255);

/** Exit code 0: it is there, whole; 1 without a word: the archive does not have it. */
export function restore(request: RestoreRequest, disk: Disk): Outcome {
  try {
    return { code: fetched(request, disk) ? 0 : 1 };
  } catch (error) {
    return { code: failure(request.standby), says: `${request.name}: ${sentence(error)}` };
  }
}

function fetched({ name, path, directory, asker }: RestoreRequest, disk: Disk): boolean {
  const named = readWalName(name);
  if (named === undefined) throw new Refusal(`${name} is not the name of a WAL file`);
  const source = join(directory, name);
  const mark = readMark(disk, directory);
  const part = `${path}${unfinished}`;
  try {
    // PostgreSQL brings it to disk itself when it keeps it (durable_rename).
    const bytes = copied(disk, source, part);
    if (bytes === undefined) return false;
    const against = named.kind === 'history' && asker && withheld(named.timeline, asker, { disk, directory });
    if (typeof against === 'string')
      throw new Refusal(`it is in ${directory}, and is not given to this standby: ${against}. Another server of this system has archived it: move it elsewhere`); // prettier-ignore
    verify(disk, { file: part, source, bytes, named, systemId: mark.systemId });
    disk.renameSync(part, path);
    return true;
  } catch (error) {
    quietly(() => disk.unlinkSync(part));
    throw error;
  }
}

/** Undefined if the archive does not have the file. */
function copied(disk: Disk, from: string, to: string): number | undefined {
  try {
    return copyBytes(disk, { from, to, flags: 'w', sync: false });
  } catch (error) {
    if (errno(error) === 'ENOENT' && (error as NodeJS.ErrnoException).path === from) return undefined;
    throw error;
  }
}

type Copy = { file: string; source: string; bytes: number; named: WalName; systemId: string };

function verify(disk: Disk, { file, source, bytes, named, systemId }: Copy): void {
  if (named.kind !== 'segment' && named.kind !== 'partial') return;
  const header = readWalHeader(head(disk, file, walHeaderBytes));
  if (header === undefined) throw new Refusal(`${source} is no WAL segment (${bytes} bytes)`);
  if (bytes !== header.segmentBytes)
    throw new Refusal(`${source} has ${bytes} bytes, and not the ${header.segmentBytes} of a segment`);
  if (header.systemId !== systemId)
    throw new Refusal(`${source} is WAL of system ${header.systemId}, and the archive is that of system ${systemId}`);
}
