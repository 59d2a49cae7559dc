// Carries out the steps by which this node gets a new copy of the primary. docs/decisions/0010.
import { chownSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { exists, syncDirectory, writeWhole } from '../lib/host/disk.ts';
import { UnreadableAnswer, type Result } from '../lib/host/exec.ts';
import { copyArgv, sourceArgv } from '../lib/postgres/basebackup.ts';
import { controlDataOf } from './control-file.ts';
import { placesOf, putInPlace as swapIn } from '../lib/postgres/places.ts';
import { allWords, lastWords } from '../lib/postgres/client-words.ts';
import { forgetFailedCopies, noteFailedCopy } from './failed-copy.ts';
import type { FailedCopy } from './snapshot.ts';
import { carryOwnFiles, ownFiles } from './act-own-files.ts';
import { left, type Site } from './site.ts';
import { expectDone, type StepOf } from './outcome.ts';
import { asking } from './primary.ts';
import { progressOf } from './progress.ts';

/** It has its name only when pg_basebackup has ended well, and so has written all of it to the disk. */
export async function copyPrimary({ bytes, from, word }: StepOf<'copy primary'>, site: Site): Promise<void> {
  const { copying, whole } = placesOf(site.call.parameters.pgdata);
  const own = await ownFiles(site);
  rmSync(copying, { recursive: true, force: true });
  mkdirSync(copying, { mode: 0o700 });
  chownSync(copying, site.user.uid, site.user.gid);
  const progress = progressOf('clone', site, bytes);
  const argv = copyArgv(site.call.parameters.pgctl, 'replication', copying);
  const result = await asking(site, (primary) => primary.run(argv, { timeoutMs: left(site), follow: progress.follow }));
  await progress.settled();
  if (result.code !== 0) rmSync(copying, { recursive: true, force: true }); // the disk may be full because of it
  if (result.code !== 0 && from !== undefined) await writeDown(result, { primary: from, word: word === true }, site);
  expectDone('pg_basebackup', result);
  forgetFailedCopies(site.call.resource);
  if (own !== undefined) await carryOwnFiles(own, copying, site);
  // Whoever starts it, starts a standby.
  writeWhole(`${copying}/standby.signal`, '', { ...site.user, mode: 0o600 });
  renameSync(copying, whole);
  syncDirectory(dirname(whole));
}

/** Not what another time may end otherwise: a kill, a deadline, a primary that has gone. */
async function writeDown(result: Result, by: Pick<FailedCopy, 'primary' | 'word'>, site: Site): Promise<void> {
  if (result.failure !== undefined || !(await answers(site))) return;
  noteFailedCopy(site.call.resource, { ...by, error: lastWords(result.stderr), words: allWords(result.stderr) });
}

async function answers(site: Site): Promise<boolean> {
  const argv = sourceArgv(site.call.parameters.psql, 'database');
  const answer = await asking(site, (primary) => primary.run(argv, { timeoutMs: Math.min(10_000, left(site) / 2) }));
  return answer.code === 0;
}

/** Only if it is of the same cluster. */
export async function putInPlace(site: Site): Promise<void> {
  const places = placesOf(site.call.parameters.pgdata);
  if (!exists(places.whole)) return;
  await expectSameSystem(site, places.data, places.whole);
  swapIn(places);
}

/** A copy that was left lying may be of another cluster than the data that have been put there since. */
async function expectSameSystem(site: Site, data: string, whole: string): Promise<void> {
  if (!exists(`${data}/global/pg_control`)) return;
  const ours = (await controlDataOf(site, data)).systemId;
  const theirs = (await controlDataOf(site, whole)).systemId;
  if (ours !== theirs)
    throw new UnreadableAnswer(`${data} is of system ${ours}, the copy in ${whole} of ${theirs}: remove one of them`);
}

export function removeOld(site: Site): void {
  rmSync(placesOf(site.call.parameters.pgdata).old, { recursive: true, force: true });
}
