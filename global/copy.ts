// A copy of a server takes the place of the data of this site: made beside them, verified, and only then named as they are.
// What was there before is kept, until what has replaced it is seen to run.
import { chownSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { exists, syncDirectory } from '../lib/host/disk.ts';
import { UnreadableAnswer, type Result } from '../lib/host/exec.ts';
import { withIdentity } from '../lib/host/identity.ts';
import { askingWith, type Asking } from '../lib/postgres/asking.ts';
import { copyArgv, readSource, sourceArgv } from '../lib/postgres/basebackup.ts';
import { controlDataArgv, readControlData, type ControlData } from '../lib/postgres/controldata.ts';
import { placesOf, putInPlace, roomBeside } from '../lib/postgres/places.ts';
import { lastWords } from '../lib/postgres/client-words.ts';
import { neededFor } from '../lib/postgres/room.ts';
import { otherOf, type Site } from './site.ts';
import { writeStandbyFiles } from './standby-files.ts';

const hours = 3_600_000;

export function ended(program: string, { code, stderr, failure }: Result): void {
  if (code !== 0) throw new UnreadableAnswer(`${program}: ${failure ?? lastWords(stderr)}`);
}

/** The other site's server, for PostgreSQL's programs: `replication`, and `database`, which pg_rewind needs. */
export function askingOther<T>(site: Site, ask: (asking: Asking) => Promise<T>): Promise<T> {
  const { database, postgres } = site.spec;
  const { passfile, replication_user: user } = database;
  const base = { host: otherOf(site).address, port: String(postgres.port), user, passfile, connect_timeout: '5' };
  const services = {
    replication: { ...base, replication: 'true', dbname: 'replication' },
    database: { ...base, dbname: 'postgres' },
  };
  const prefix = `${dirname(placesOf(postgres.data).data)}/.cfha-ask-`;
  return askingWith({ prefix, user: site.user, exec: site.exec, services }, ask);
}

/** Asked before, not after: the disk, and what a copy cannot carry. */
export async function expectRoom(site: Site): Promise<void> {
  const { programs, data } = site.spec.postgres;
  const source = readSource(
    await askingOther(site, (other) => other.run(sourceArgv(`${programs}/psql`, 'database'), { timeoutMs: 20_000 })),
  );
  if (source.tablespaces.length > 0)
    throw new UnreadableAnswer(
      `the other site has tablespaces (${source.tablespaces.join(', ')}), and where they shall be here is a person's decision`,
    );
  expectBytes(data, source.bytes);
}

export function expectBytes(data: string, bytes: number): void {
  const { freeBytes, obstacle } = roomBeside(data);
  if (obstacle !== undefined) throw new UnreadableAnswer(obstacle);
  if (freeBytes < neededFor(bytes))
    throw new UnreadableAnswer(
      `${neededFor(bytes)} bytes are needed beside ${data}, ${freeBytes} are free: nothing was changed`,
    );
}

/** Empty, beside the data. */
export function makeUnfinished(site: Site): string {
  const { copying } = placesOf(site.spec.postgres.data);
  rmSync(copying, { recursive: true, force: true });
  mkdirSync(copying, { mode: 0o700 });
  chownSync(copying, site.user.uid, site.user.gid);
  return copying;
}

/** It has the name of a whole copy only when it has been verified, file by file, against its manifest. */
export async function copyOther(site: Site): Promise<void> {
  const { programs, data } = site.spec.postgres;
  await expectRoom(site);
  const copying = makeUnfinished(site);
  try {
    const argv = copyArgv(`${programs}/pg_ctl`, 'replication', copying);
    ended('pg_basebackup', await askingOther(site, (other) => other.run(argv, { timeoutMs: 24 * hours })));
    const verify = withIdentity(site.user, [`${programs}/pg_verifybackup`, copying]);
    ended('pg_verifybackup', await site.exec({ argv: verify, timeoutMs: 24 * hours }));
  } catch (error) {
    rmSync(copying, { recursive: true, force: true }); // the disk may be full because of it
    throw error;
  }
  writeStandbyFiles(site, copying);
  nameWhole(data);
}

/** The name says that nothing is missing. */
export function nameWhole(data: string): void {
  const { copying, whole } = placesOf(data);
  rmSync(whole, { recursive: true, force: true });
  renameSync(copying, whole);
  syncDirectory(dirname(whole));
}

export async function controlOf({ spec, exec }: Pick<Site, 'spec' | 'exec'>, data: string): Promise<ControlData> {
  const argv = controlDataArgv(`${spec.postgres.programs}/pg_ctl`, data);
  return readControlData(await exec({ argv, timeoutMs: 10_000 }));
}

/** Only if it is of the same system as what is there. */
export async function swapIn(site: Site): Promise<void> {
  const places = placesOf(site.spec.postgres.data);
  if (exists(`${places.data}/global/pg_control`)) {
    const [ours, theirs] = [await controlOf(site, places.data), await controlOf(site, places.whole)];
    if (ours.systemId !== theirs.systemId)
      throw new UnreadableAnswer(
        `${places.data} is of system ${ours.systemId}, the copy in ${places.whole} of ${theirs.systemId}: move one of them away`,
      );
  }
  putInPlace(places);
}

/** What was replaced is not needed any more. */
export function removeOld(site: Site): void {
  rmSync(placesOf(site.spec.postgres.data).old, { recursive: true, force: true });
}
