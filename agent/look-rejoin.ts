// The part of a snapshot that a rejoin is decided by. Most of it is asked only before a start.
import { join } from 'node:path';
import { exists, readText } from '../lib/host/disk.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { isBooted } from '../lib/host/systemd.ts';
import { readSource, sourceArgv } from '../lib/postgres/basebackup.ts';
import { missingOf, placesOf, roomBeside } from '../lib/postgres/places.ts';
import { gatherEvidence } from './evidence.ts';
import { readFailedCopy } from './failed-copy.ts';
import { lookAtJob } from './job.ts';
import { left, type Site } from './site.ts';
import { asking } from './primary.ts';
import { replicates } from './call.ts';
import { keptName } from './rules/lock.ts';
import { wantsOutlook } from './rules/outlook.ts';
import { wantsEvidence, wantsSource } from './rules/rejoin.ts';
import type { Kept, Snapshot, Source } from './snapshot.ts';

export function keptFolder(kept: string, { call }: Pick<Site, 'call'>): string {
  return join(call.parameters.tmpdir, 'kept', kept);
}

/** What every look finds out: a file that is not there, as long as nothing has to be rejoined. */
export async function lookForRejoin(site: Site, alive: boolean): Promise<Partial<Snapshot>> {
  const { action, call, exec } = site;
  if (!replicates(call)) return {};
  const job = site.job === true ? undefined : await lookAtJob(call.resource, exec);
  if (action !== 'start') return { job };
  const { pgdata, tmpdir } = call.parameters;
  const { whole, old } = placesOf(pgdata);
  return {
    job,
    background: site.job !== true && isBooted(),
    failedCopy: readFailedCopy(call.resource),
    copy: { whole: exists(whole), old: exists(old) },
    freshBackup: exists(`${pgdata}/backup_label`),
    rewinding: readText(`${tmpdir}/rejoin`)?.trim(),
    ...(alive ? {} : { missing: missingOf(pgdata) }),
  };
}

/** What is asked of the primary, and of the data: before they are started, and where a standby has been missed. */
export async function lookFurther(site: Site, seen: Snapshot): Promise<Snapshot> {
  return wantsOutlook(site.action, seen, site.call)
    ? withSource({ ...seen, evidence: await gatherEvidence(site) }, site)
    : lookBeforeStart(site, seen);
}

export async function lookBeforeStart(site: Site, seen: Snapshot): Promise<Snapshot> {
  if (site.action !== 'start' || seen.postmaster !== undefined || seen.job?.state === 'runs') return seen;
  const evidence = wantsEvidence(site.action, seen, site.call) ? await gatherEvidence(site) : undefined;
  const snapshot = { ...seen, ...(evidence === undefined ? {} : { evidence }), kept: keptOf(seen, evidence, site) };
  return withSource(snapshot, site);
}

async function withSource(snapshot: Snapshot, site: Site): Promise<Snapshot> {
  return wantsSource(snapshot, site.call) ? { ...snapshot, source: await askSource(site) } : snapshot;
}

function keptOf({ rewinding }: Snapshot, evidence: Snapshot['evidence'], site: Site): Kept | undefined {
  if (rewinding !== undefined) return readKept(keptFolder(rewinding, site), undefined);
  return evidence?.verdict === 'diverged' ? readKept(keptFolder(keptName(evidence), site), evidence.end) : undefined;
}

function readKept(folder: string, end: string | undefined): Kept {
  return {
    whole: exists(`${folder}/pg_control`) && endsAt(`${folder}/record.json`, end),
    rewound: exists(`${folder}/rewound`),
    noRewind: readText(`${folder}/no-rewind`)?.trim(),
  };
}

/** What is kept may be of an earlier time. */
function endsAt(record: string, end: string | undefined): boolean {
  return end === undefined || /"end": "([0-9A-F/]+)"/.exec(readText(record) ?? '')?.[1] === end;
}

async function askSource(site: Site): Promise<Source> {
  try {
    const { psql, pgdata } = site.call.parameters;
    const timeoutMs = Math.min(10_000, left(site) / 2);
    const answer = await asking(site, (primary) => primary.run(sourceArgv(psql, 'database'), { timeoutMs }));
    return { ...readSource(answer), ...roomBeside(pgdata) };
  } catch (error) {
    if (error instanceof UnreadableAnswer) return { unknown: error.message };
    throw error;
  }
}
