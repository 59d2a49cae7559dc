// archive_command: one file into the archive, whole or not at all, and never over another.
// https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-ARCHIVING-WAL
import { join } from 'node:path';
import { formatLsn } from '../lib/postgres/lsn.ts';
import { readWalHeader, walHeaderBytes, type WalHeader } from '../lib/postgres/wal-header.ts';
import { readWalName, type WalName } from '../lib/postgres/wal-names.ts';
import { copyBytes, difference, head, quietly, sizeOf, syncNamed, unfinished, type Disk } from './disk.ts';
import { readMark } from './mark.ts';
import { errno, Refusal, sentence, type Outcome } from './outcome.ts';

export type ArchiveRequest = {
  /** The file, as PostgreSQL's %p. */
  readonly path: string;
  /** Its name in the archive, as %f. */
  readonly name: string;
  readonly directory: string;
  /** Tells this writer's unfinished file from others': host and process. */
  readonly writer: string;
};

/** Exit code 0: it is in the archive, on disk; 1: it is not, and PostgreSQL keeps it and tries again. */
export function archive(request: ArchiveRequest, disk: Disk): Outcome {
  try {
    const named = readWalName(request.name);
    if (named === undefined) throw new Refusal(`${request.name} is not the name of a WAL file`);
    place(request, checked(request, named, disk), disk);
    return { code: 0 };
  } catch (error) {
    return { code: 1, says: `${request.name}: ${sentence(error)}` };
  }
}

/** Reads the file's header, and refuses what is not of the archive's system. Undefined: a kind of file without one. */
function checked({ path, directory }: ArchiveRequest, { kind }: WalName, disk: Disk): WalHeader | undefined {
  const mark = readMark(disk, directory);
  if (kind !== 'segment' && kind !== 'partial') return undefined;
  const header = readWalHeader(head(disk, path, walHeaderBytes));
  if (header === undefined) throw new Refusal(`${path} does not begin as a WAL segment does`);
  if (header.systemId !== mark.systemId)
    throw new Refusal(`${directory} is the archive of system ${mark.systemId}, and this is WAL of system ${header.systemId}: every cluster needs a directory of its own`); // prettier-ignore
  const bytes = sizeOf(disk, path);
  if (bytes !== header.segmentBytes)
    throw new Refusal(`${path} has ${bytes} bytes, and not the ${header.segmentBytes} of a segment`);
  return header;
}

function place(request: ArchiveRequest, header: WalHeader | undefined, disk: Disk): void {
  const { path, name, directory, writer } = request;
  const target = join(directory, name);
  if (isThere(request, header, disk)) return syncNamed(disk, target, directory);
  const part = join(directory, `.${name}.${writer}${unfinished}`);
  try {
    copyBytes(disk, { from: path, to: part, flags: 'wx', sync: true });
    // Somebody else may have been faster, or an answer of the NFS server was lost and the request repeated.
    if (!isLinked(disk, part, target) && !isThere(request, header, disk))
      throw new Refusal(`it was removed from ${directory} while it was archived`);
  } finally {
    quietly(() => disk.unlinkSync(part));
  }
  syncNamed(disk, target, directory);
}

/** Gives a file a second name; false if that is taken. (rename(2) would replace the other file.) */
function isLinked(disk: Disk, from: string, to: string): boolean {
  try {
    disk.linkSync(from, to);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    if (['EPERM', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP', 'EMLINK'].includes(errno(error) ?? ''))
      throw new Refusal(`the archive’s file system makes no hard links (${errno(error) ?? ''}), and without them a file could be overwritten`); // prettier-ignore
    throw error;
  }
}

/** True if the same is in the archive already: an earlier call was killed before PostgreSQL knew. */
function isThere({ path, name, directory }: ArchiveRequest, header: WalHeader | undefined, disk: Disk): boolean {
  const target = join(directory, name);
  const found = compared(disk, path, target);
  if (found === 'absent') return false;
  if (found === 'alike') return true;
  const { at, sizes } = found;
  const [ours, theirs] = sizes;
  if (theirs < ours && at === theirs)
    throw new Refusal(`${target} is there already and holds only the first ${theirs} of its ${ours} bytes: a copy that broke off, made by another program. Remove that file`); // prettier-ignore
  const where = header === undefined ? `from byte ${at} on` : `from ${formatLsn(header.address + BigInt(at))} on`;
  const bytes = ours === theirs ? '' : ` (${theirs} bytes there, ${ours} here)`;
  throw new Refusal(`${target} is there already and differs ${where}${bytes}: two servers have written it. Nothing was overwritten; find out which of them is the primary`); // prettier-ignore
}

function compared(disk: Disk, path: string, target: string) {
  try {
    return difference(disk, path, target) ?? 'alike';
  } catch (error) {
    if (errno(error) === 'ENOENT' && (error as NodeJS.ErrnoException).path === target) return 'absent';
    throw error;
  }
}
