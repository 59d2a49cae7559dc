// Where a copy of the primary is made, and what there is of it. All of it lies beside the data directory, on its file
// system, so that a name is all that changes in the end.
import { lstatSync, readdirSync, readlinkSync, realpathSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { exists, syncDirectory } from '../host/disk.ts';

export type Places = {
  readonly data: string;
  /** Unfinished: it is always begun anew. */
  readonly copying: string;
  /** Whole, and on the disk. */
  readonly whole: string;
  /** What was there before. */
  readonly old: string;
};

/** Of the directory itself, if the parameter names a link to it. */
export function placesOf(pgdata: string): Places {
  const data = exists(pgdata) ? realpathSync(pgdata) : targetOf(pgdata);
  return {
    data,
    copying: `${data}.cfpgsql-copying`,
    whole: `${data}.cfpgsql-new`,
    old: `${data}.cfpgsql-old`,
  };
}

/** Between the two renames of `putInPlace` a link leads to what is not there. */
function targetOf(path: string): string {
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return path;
  }
}

/** A directory that is not there is no empty one: its volume may not be mounted. */
export function missingOf(pgdata: string): 'empty' | 'incomplete' | undefined {
  const names = namesOf(pgdata)?.filter((name) => name !== 'lost+found');
  if (names === undefined) return undefined;
  if (names.length === 0) return 'empty';
  return exists(`${pgdata}/PG_VERSION`) && exists(`${pgdata}/global/pg_control`) ? undefined : 'incomplete';
}

function namesOf(directory: string): readonly string[] | undefined {
  try {
    return readdirSync(directory);
  } catch {
    return undefined;
  }
}

/** Room beside the data directory, and what forbids to swap it. */
export function roomBeside(pgdata: string): { readonly freeBytes: number; readonly obstacle: string | undefined } {
  const { data } = placesOf(pgdata);
  const parent = dirname(data);
  const { bavail, bsize } = statfsSync(parent);
  return { freeBytes: bavail * bsize, obstacle: obstacleIn(data, parent) };
}

function obstacleIn(data: string, parent: string): string | undefined {
  if (exists(data) && statSync(data).dev !== statSync(parent).dev)
    return `${data} is a file system of its own, so no copy can take its place from beside it`;
  if (exists(`${data}/pg_wal`) && lstatSync(`${data}/pg_wal`).isSymbolicLink())
    return `${data}/pg_wal is a link to ${realpathSync(`${data}/pg_wal`)}, and where the WAL of a copy shall be is a person's decision`;
  return undefined;
}

/** A copy that is whole takes the place of the data. May be killed between any two renames: what is there tells what comes next. */
export function putInPlace({ data, copying, whole, old }: Places): void {
  if (exists(data)) {
    // What an earlier copy has replaced is older, and may be all that is left of something: it stays.
    const gone = exists(old) ? copying : old;
    if (gone !== old) rmSync(gone, { recursive: true, force: true });
    renameSync(data, gone);
    syncDirectory(dirname(data));
  }
  renameSync(whole, data);
  syncDirectory(dirname(data));
  rmSync(copying, { recursive: true, force: true });
}
