// The backup that goes from the second site to the first, in the reference's place: one file, whole or not there.
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { exists, readText } from '../lib/host/disk.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { fingerprint } from '../lib/host/files.ts';
import { localExec } from '../lib/host/local.ts';
import { sshArgv } from '../lib/host/ssh.ts';
import { readJson } from '../lib/json.ts';
import { placesOf } from '../lib/postgres/places.ts';
import { must } from './act.ts';
import { controlOf, ended, expectBytes, makeUnfinished, nameWhole } from './copy.ts';
import type { Site } from './site.ts';
import { removeStandbyFiles } from './standby-files.ts';

export const backupFile = '/tmp/pgbackup.tar.gz';

const form = z.object({ systemId: z.string(), bytes: z.number(), sha256: z.string() });
export type Backup = z.infer<typeof form>;

/** Undefined if it is not there, or not whole yet: what it is comes last. */
export function readBackup(): Backup | undefined {
  const text = readText(`${backupFile}.json`);
  return text === undefined || !exists(backupFile) ? undefined : form.safeParse(readJson(text)).data;
}

const receive = `umask 077
cat >"$1.part"
if [ "$(sha256sum <"$1.part" | cut -c 1-64)" != "$2" ]; then
  rm -f "$1.part"
  echo 'it did not arrive whole' >&2
  exit 1
fi
mv -fT "$1.part" "$1"
printf '%s\\n' "$3" >"$1.json.part"
mv -fT "$1.json.part" "$1.json"`;

/** Of a server that has been shut down. */
export async function sendBackup(site: Site, systemId: string): Promise<void> {
  const { data } = placesOf(site.spec.postgres.data);
  const parent = dirname(data);
  const bytes = Number((await must(site, ['du', '-sb', data])).split('\t')[0]);
  const { bavail, bsize } = statfsSync(parent);
  if (bavail * bsize < bytes)
    throw new UnreadableAnswer(`${bytes} bytes are needed beside ${data} for the backup, ${bavail * bsize} are free`);
  const folder = mkdtempSync(`${parent}/.cfha-release-`);
  try {
    const file = `${folder}/pgbackup.tar.gz`;
    await must(
      site,
      ['tar', '-C', data, '--exclude=./postmaster.pid', '--exclude=./pg_replslot/cfha_global', '-czf', file, '.'],
      86_400,
    );
    const { sha256 } = await fingerprint(file);
    const { user, port, identity } = site.spec.ssh;
    const target = { address: site.spec.first.address, user, port, identity };
    const about = JSON.stringify({ systemId, bytes, sha256 } satisfies Backup);
    const remote = ['sh', '-euc', receive, 'receive', backupFile, sha256, about];
    const sent = await localExec({ argv: sshArgv(target, 'none', remote), inputFile: file });
    ended(`ssh ${user}@${site.spec.first.host}`, sent);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Beside the data, and only if it is what was sent, and of the same system. */
export async function unpackBackup(site: Site, backup: Backup): Promise<void> {
  const { data } = site.spec.postgres;
  if ((await fingerprint(backupFile)).sha256 !== backup.sha256)
    throw new UnreadableAnswer(`${backupFile} is not what was sent: run pgsql-standby-release again`);
  expectBytes(data, backup.bytes);
  const copying = makeUnfinished(site);
  await must(site, ['tar', '-C', copying, '-xzpf', backupFile], 86_400);
  const control = await controlOf(site, copying);
  if (control.systemId !== backup.systemId || control.state !== 'shut down')
    throw new UnreadableAnswer(`${backupFile} holds system ${control.systemId}, ${control.state}: nothing was changed`);
  removeStandbyFiles(copying);
  await must(site, ['sync', '-f', copying]);
  nameWhole(data);
}
