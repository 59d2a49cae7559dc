// The mark of an archive: a file in its directory that says which system's WAL it keeps. Without it nothing is archived or
// restored: the mount point of a file system that is not mounted is an empty directory, and looks like an empty archive.
import { join } from 'node:path';
import { writeText, type Disk } from './disk.ts';
import { errno, Refusal } from './outcome.ts';

export type Mark = {
  /** PostgreSQL's system identifier. */
  readonly systemId: string;
  /** Made by chance: two nodes that read the same see the same directory. */
  readonly id: string;
};

export const markName = 'cfha-archive.json';

export function readMark(disk: Disk, directory: string): Mark {
  return parseMark(directory, text(disk, directory));
}

function text(disk: Disk, directory: string): string {
  try {
    return disk.readFileSync(join(directory, markName), 'utf8');
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error;
    if (!disk.existsSync(directory)) throw new Refusal(`the archive ${directory} does not exist (is it mounted?)`);
    throw new Refusal(
      `${directory} is no archive, it has no ${markName}: is it mounted? cfha wal init makes a new one, once`,
    );
  }
}

function parseMark(directory: string, source: string): Mark {
  const { systemId, id } = parsed(source) as Partial<Record<keyof Mark, unknown>>;
  if (typeof systemId !== 'string' || !/^\d{1,20}$/.test(systemId) || typeof id !== 'string')
    throw new Refusal(`${join(directory, markName)} is damaged: it names no system`);
  return { systemId, id };
}

function parsed(source: string): object {
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

export function writeMark(disk: Disk, directory: string, mark: Mark): void {
  writeText(disk, join(directory, markName), `${JSON.stringify(mark)}\n`);
}
