// Whose directory tmpdir is: two resources in one would take each other's lock, settings, and rewind for their own.
import { linkSync, rmSync } from 'node:fs';
import { firstLine, syncDirectory, writeWhole } from '../lib/host/disk.ts';
import { ownPid } from '../lib/host/processes.ts';
import type { Call } from './call.ts';

const fileIn = (tmpdir: string): string => `${tmpdir}/cfpgsql.resource`;

/** The other resource that has the directory; undefined: none, or it is not used in this mode. */
export function otherOwner({ resource, parameters: { tmpdir, rep_mode } }: Call): string | undefined {
  const found = rep_mode === 'none' ? undefined : firstLine(fileIn(tmpdir), 256);
  return found === undefined || found === '' || found === resource ? undefined : found.replace(/[^\w.:-]/g, '?');
}

/** Marks it as this resource's, if it is nobody's. Throws if another one was faster; whose is marked already may not start at all. */
export function markTmpdir(call: Call): void {
  const file = fileIn(call.parameters.tmpdir);
  if (firstLine(file, 256) !== undefined) return;
  const part = `${file}.${ownPid()}`;
  writeWhole(part, `${call.resource}\n`, { uid: 0, gid: 0, mode: 0o644 });
  try {
    linkSync(part, file);
    syncDirectory(call.parameters.tmpdir);
  } catch (error) {
    const other = otherOwner(call);
    if (other !== undefined) throw new Error(`${call.parameters.tmpdir} is the directory of resource ${other}`);
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(part, { force: true });
  }
}
