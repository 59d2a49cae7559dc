// archive_command: `cfha global archive-wal %p %f`, as PostgreSQL's user. https://www.postgresql.org/docs/current/continuous-archiving.html
// And what becomes of old files.
import { statfsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { copyWhole, exists, mayWrite, namesIn, remove } from '../lib/host/disk.ts';
import { fingerprint } from '../lib/host/files.ts';
import type { Line } from './rules/facts.ts';
import type { SiteName } from './site-name.ts';
import type { Spec } from './spec.ts';

type Archiving = { readonly spec: Spec; readonly site: SiteName | undefined; readonly say: (line: Line) => void };

/** 0 makes PostgreSQL forget the file; everything else makes it try again. */
export async function archiveWal({ spec, site, say }: Archiving, rest: readonly string[]): Promise<0 | 1> {
  // On the second site nobody needs it.
  if (site !== 'first') {
    say(['INFO', `Not on ${spec.first.host}, exiting`]);
    return 0;
  }
  const [from, name] = rest;
  const problem =
    from === undefined || name === undefined || name !== basename(name)
      ? 'archive-wal wants two arguments: %p %f'
      : await keep(from, name, spec.archive);
  if (problem !== undefined) say(['ERROR', problem]);
  return problem === undefined ? 0 : 1;
}

/** Why it could not be kept. */
async function keep(from: string, name: string, archive: Spec['archive']): Promise<string | undefined> {
  if (archive === undefined) return 'archive.write is not set in global.yaml';
  const { write } = archive;
  const to = join(write, name);
  if (exists(to)) {
    // PostgreSQL asks again after a crash. A file of the same name with other contents is another server's.
    const same = (await fingerprint(to)).sha256 === (await fingerprint(from)).sha256;
    return same
      ? undefined
      : `${to} is there already, and is another file: two servers archive into one directory, or it was not emptied for a new one; compare both, and move the one that nobody needs away`;
  }
  const { uid, gid, size } = statSync(from);
  if (!mayWrite(write, { uid, groups: [gid] }))
    return `${write} is not there, or may not be written to: mount it, or give it to PostgreSQL’s user`;
  const { bavail, bsize } = statfsSync(write);
  if (bavail * bsize < size) return `${write} is full: ${bavail * bsize} bytes are free`;
  copyWhole(from, to, { uid, gid });
  return undefined;
}

/**
 * Files that are older than the days that are kept, counted back from the newest one: a clock that has jumped ahead makes nothing
 * old. History files are small, and needed for ever.
 */
export function prunable(
  files: readonly { readonly name: string; readonly mtimeMs: number }[],
  { days, nowMs }: { readonly days: number; readonly nowMs: number },
): readonly string[] {
  const lastMs = Math.min(nowMs, Math.max(...files.map(({ mtimeMs }) => mtimeMs)));
  return files
    .filter(
      ({ name, mtimeMs }) =>
        /^[0-9A-F]{24}(\.[0-9A-F]{8}\.backup|\.partial)?$/.test(name) && lastMs - mtimeMs > days * 86_400_000,
    )
    .map(({ name }) => name);
}

/** Removes them; how many there were. */
export function pruneArchive({ archive }: Spec, nowMs: number): number {
  if (archive === undefined) return 0;
  const files = namesIn(archive.write).map((name) => ({ name, mtimeMs: statSync(join(archive.write, name)).mtimeMs }));
  const old = prunable(files, { days: archive.days, nowMs });
  for (const name of old) remove(join(archive.write, name));
  return old.length;
}
