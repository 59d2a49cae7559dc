// Keeps what is this node's own in the data directory over a rewind or a copy. docs/decisions/0014.
import { exists, readText, remove } from '../lib/host/disk.ts';
import type { Argv, Result } from '../lib/host/exec.ts';
import { withIdentity } from '../lib/host/identity.ts';
import { restoreOwnArgv, saveOwnArgv, unwritableArgv } from '../lib/postgres/own-files.ts';
import { missingOf } from '../lib/postgres/places.ts';
import { keptFolder } from './look-rejoin.ts';
import { expectDone } from './outcome.ts';
import { left, type Site } from './site.ts';

const archive = 'own-files.tar';

function asOwner(site: Site, argv: Argv): Promise<Result> {
  return site.exec({ argv: withIdentity(site.user, argv), timeoutMs: left(site) });
}

/** Into what is kept for a rewind, before the mark: from then on the data are neither the old nor the new. */
export async function saveOwnFiles(folder: string, site: Site): Promise<void> {
  const argv = saveOwnArgv(site.call.parameters.pgdata, `${folder}/${archive}`);
  expectDone('keeping the files of this node', await asOwner(site, argv));
}

/** After a rewind. What an earlier version has kept has no such files. */
export async function restoreOwnFiles(folder: string, site: Site): Promise<void> {
  if (exists(`${folder}/${archive}`)) await restore(`${folder}/${archive}`, site.call.parameters.pgdata, site);
}

async function restore(file: string, data: string, site: Site): Promise<void> {
  expectDone('putting back the files of this node', await asOwner(site, restoreOwnArgv(data, file)));
}

/**
 * The archive that a copy needs, made before the copy is begun: what fails here fails at once. Where a rewind has not ended it is
 * that of before it. Undefined: there are no data of which it would be a copy.
 */
export async function ownFiles(site: Site): Promise<string | undefined> {
  const { pgdata, tmpdir } = site.call.parameters;
  const begun = readText(`${tmpdir}/rejoin`)?.trim();
  const kept = begun === undefined ? undefined : `${keptFolder(begun, site)}/${archive}`;
  if (kept !== undefined && exists(kept)) return kept;
  if (missingOf(pgdata) !== undefined || !exists(pgdata)) return undefined;
  await saveOwnFiles(tmpdir, site);
  return `${tmpdir}/${archive}`;
}

/** To a copy, before that has its name. What was made for it only goes. */
export async function carryOwnFiles(from: string, copy: string, site: Site): Promise<void> {
  await restore(from, copy, site);
  if (from === `${site.call.parameters.tmpdir}/${archive}`) remove(from);
}

/** What a rewind could not write; undefined: it can write all. */
export async function unwritable(site: Site): Promise<string | undefined> {
  const { stdout, stderr } = await asOwner(site, unwritableArgv(site.call.parameters.pgdata));
  const found = stdout.split('\n')[0] ?? '';
  if (found !== '') return `${site.user.name} may not write ${found}, and a rewind would end there half-way`;
  return stderr.trim() === '' ? undefined : stderr.trim().split('\n')[0];
}
