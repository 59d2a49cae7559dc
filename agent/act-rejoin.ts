// Carries out the steps by which a diverged former primary is made a copy of the new one. docs/decisions/0008.
import { chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs } from '../lib/host/clock.ts';
import { copyWhole, readText, remove, writeWhole } from '../lib/host/disk.ts';
import { UnreadableAnswer, type Argv, type Result } from '../lib/host/exec.ts';
import { withIdentity } from '../lib/host/identity.ts';
import { parseLsn, type Lsn } from '../lib/postgres/lsn.ts';
import { lastWords } from '../lib/postgres/client-words.ts';
import { untilCheckpoint } from '../lib/postgres/promotion-checkpoint.ts';
import { isPassing, readLastCommon, rewindArgv, rewindDryArgv, singleUserArgv } from '../lib/postgres/rewind.ts';
import { isSegment, segmentsOf } from '../lib/postgres/wal-files.ts';
import { readCommits, transactionsArgv, type Transaction } from '../lib/postgres/waldump.ts';
import { controlDataOf } from './control-file.ts';
import { goneAt } from './evidence.ts';
import { copyPrimary, putInPlace, removeOld } from './act-copy.ts';
import { restoreOwnFiles, saveOwnFiles, unwritable } from './act-own-files.ts';
import { keptFolder } from './look-rejoin.ts';
import { left, type Site } from './site.ts';
import { expectDone, type Outcome, type StepOf } from './outcome.ts';
import { asking, endLeftovers } from './primary.ts';
import { progressOf } from './progress.ts';
import { describe } from './steps.ts';

type RejoinStep = StepOf<
  'recover server' | 'keep diverged WAL' | 'rewind' | 'copy primary' | 'put copy in place' | 'remove old data'
>;

export async function rejoin(step: RejoinStep, site: Site): Promise<Outcome> {
  try {
    await endLeftovers(site);
    switch (step.do) {
      case 'recover server':
        await recover(site);
        break;
      case 'keep diverged WAL':
        await keep(step, site);
        break;
      case 'rewind':
        await rewind(step.kept, site);
        break;
      case 'copy primary':
        await copyPrimary(step, site);
        break;
      case 'put copy in place':
        await putInPlace(site);
        break;
      case 'remove old data':
        removeOld(site);
    }
    return {};
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { failed: { code: 'REJOIN_FAILED', step: describe(step), message } };
  }
}

const whereOf = ({ call: { parameters: p } }: Site) => ({ pgctl: p.pgctl, data: p.pgdata });

async function recover(site: Site): Promise<void> {
  const { pgdata, config } = site.call.parameters;
  const control = await controlDataOf(site);
  if (control.state === 'shut down') return;
  remove(`${pgdata}/standby.signal`); // in single-user mode there are no standbys
  const argv = withIdentity(site.user, singleUserArgv(whereOf(site), config));
  expectDone('crash recovery', await site.exec({ argv, input: '', cwd: pgdata, timeoutMs: left(site) }));
}

/**
 * The WAL that is needed, the control file, and what was committed here only. The control file comes last, and what is left
 * of an earlier time goes first.
 */
async function keep(step: StepOf<'keep diverged WAL'>, site: Site): Promise<void> {
  const { kept, fork, end, timeline } = step;
  const { pgdata } = site.call.parameters;
  const folder = keptFolder(kept, site);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const made of [join(folder, '..'), folder]) chownSync(made, site.user.uid, site.user.gid);
  for (const name of ['pg_control', 'rewound', 'no-rewind']) remove(join(folder, name));
  const from = parseLsn(fork) ?? 0n;
  const at = step.before === 'rewind' ? ((await lastCommon(folder, from, site)) ?? from) : from;
  await saveOwnFiles(folder, site);
  const control = await controlDataOf(site);
  const to = parseLsn(end) ?? 0n;
  for (const name of segmentsOf(readdirSync(`${pgdata}/pg_wal`), { from: at, to, segmentBytes: control.segmentBytes }))
    copyWhole(join(pgdata, 'pg_wal', name), join(folder, name), site.user);
  const lost = await transactions({ timeline, from, to }, site);
  const record = { systemId: control.systemId, timeline, fork, end, transactions: lost };
  writeWhole(join(folder, 'record.json'), `${JSON.stringify(record, undefined, 2)}\n`, { ...site.user, mode: 0o600 });
  copyWhole(join(pgdata, 'global', 'pg_control'), join(folder, 'pg_control'), site.user);
}

/** The checkpoint from which on a rewind needs WAL; undefined, and written down, if it cannot be done at all. */
async function lastCommon(folder: string, fork: Lsn, site: Site): Promise<Lsn | undefined> {
  const dry = await rewinding(site, rewindDryArgv(whereOf(site), 'database'));
  const closed = dry.code === 0 ? ((await unwritable(site)) ?? (await withoutWal(fork, site))) : undefined;
  if (dry.code === 0 && closed === undefined) return readLastCommon(dry).at;
  giveUp(folder, closed === undefined ? dry : { ...dry, stderr: closed }, site);
  return undefined;
}

/** Without the primary's WAL from the fork on, a rewound server could never be started again. An archive may have it. */
async function withoutWal(fork: Lsn, site: Site): Promise<string | undefined> {
  return site.call.parameters.restore_command === '' ? goneAt(site, fork) : undefined;
}

/** Written down for good. What another time may end otherwise is thrown: a primary that did not answer, or a kill. */
function giveUp(folder: string, result: Result, site: Site): void {
  if (isPassing(result)) expectDone('pg_rewind', result);
  writeWhole(join(folder, 'no-rewind'), `${lastWords(result.stderr)}\n`, { ...site.user, mode: 0o600 });
}

async function transactions(
  span: { readonly timeline: number; readonly from: Lsn; readonly to: Lsn },
  site: Site,
): Promise<readonly Transaction[]> {
  return readCommits(await site.exec({ argv: transactionsArgv(whereOf(site), span), timeoutMs: left(site) }));
}

/** pg_rewind by way of the primary, when that has made its checkpoint. */
const rewinding = (site: Site, argv: Argv, follow?: (text: string) => void): Promise<Result> =>
  asking(site, async (primary) => {
    await untilCheckpoint(primary, { psql: site.call.parameters.psql, left: () => site.deadline - monotonicMs() });
    return primary.run(argv, { timeoutMs: left(site), ...(follow === undefined ? {} : { follow }) });
  });

/** What was kept of other data, by a resource that shares tmpdir or before a database was made anew, is nothing to go on with. */
async function expectOwn(folder: string, site: Site): Promise<void> {
  const kept = /"systemId": "(\d{1,20})"/.exec(readText(join(folder, 'record.json')) ?? '')?.[1];
  // What an interrupted rewind has left may be no control file: then this one puts back what was kept.
  const own = await controlDataOf(site).catch(() => undefined);
  if (own !== undefined && kept !== own.systemId)
    throw new UnreadableAnswer(`${folder} is of system ${kept ?? 'unknown'}, the data of system ${own.systemId}`);
}

/**
 * Always begun anew, with the control file and the WAL as they were: an interrupted run has overwritten part of the WAL that
 * tells what has changed, and a power cut may have taken what pg_rewind had written but not yet synced.
 */
async function rewind(kept: string, site: Site): Promise<void> {
  const folder = keptFolder(kept, site);
  const data = site.call.parameters.pgdata;
  await expectOwn(folder, site);
  for (const name of readdirSync(folder).filter(isSegment))
    copyWhole(join(folder, name), join(data, 'pg_wal', name), site.user);
  copyWhole(join(folder, 'pg_control'), join(data, 'global', 'pg_control'), site.user);
  const progress = progressOf('rewind', site);
  const result = await rewinding(site, rewindArgv(whereOf(site), 'database'), progress.follow);
  await progress.settled();
  if (result.code !== 0) return giveUp(folder, result, site);
  await restoreOwnFiles(folder, site);
  writeWhole(join(folder, 'rewound'), '', { ...site.user, mode: 0o600 });
}
