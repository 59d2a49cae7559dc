// The work in the background: a start without Pacemaker's time-out, as a unit of systemd. docs/decisions/0010.
// Its record is root's alone, since it holds the parameters, and does not outlive a boot, as the unit does not either.
import { statSync } from 'node:fs';
import { exists, makeDirectory, readText, remove, writeWhole } from '../lib/host/disk.ts';
import type { Exec } from '../lib/host/exec.ts';
import { isActive, isActiveArgv } from '../lib/host/systemd.ts';
import type { Environment } from './call.ts';
import type { Reason } from './reasons.ts';
import type { Job } from './snapshot.ts';

export const folder = '/run/cfpgsql';
const fileOf = (resource: string): string => `${folder}/${resource}.json`;

export function unitOf(resource: string): string {
  return `cfpgsql-rejoin-${resource}`;
}

type Record = { readonly environment: Environment; readonly failed?: Reason };

/** True if there is something to ask systemd about: a healthy server's monitor asks nothing. */
export function hasJob(resource: string): boolean {
  return exists(fileOf(resource));
}

export function writeJob(resource: string, record: Record): void {
  makeDirectory(folder, { uid: 0, gid: 0, mode: 0o700 });
  writeWhole(fileOf(resource), JSON.stringify(record), { uid: 0, gid: 0, mode: 0o600 });
}

export function readJob(resource: string): Record | undefined {
  const text = readText(fileOf(resource));
  return text === undefined ? undefined : (JSON.parse(text) as Record);
}

export function removeJob(resource: string): void {
  remove(fileOf(resource));
}

/** How it is with the work, if there is any. */
export async function lookAtJob(resource: string, exec: Exec): Promise<Job | undefined> {
  if (!hasJob(resource)) return undefined;
  if (isActive(await exec({ argv: isActiveArgv(unitOf(resource)), timeoutMs: 5000 }))) return { state: 'runs' };
  // It may have ended well meanwhile: then its record is gone.
  const record = readJob(resource);
  if (record === undefined) return undefined;
  const silent: Reason = {
    code: 'REJOIN_FAILED',
    step: 'the work in the background',
    message: `it was ended from outside (journalctl -u ${unitOf(resource)})`,
  };
  return { state: 'failed', because: record.failed ?? silent, atMs: statSync(fileOf(resource)).mtimeMs };
}
