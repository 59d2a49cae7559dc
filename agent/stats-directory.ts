// Before PostgreSQL 15 the statistics collector needs its directory, often one in /run that a reboot has removed. Its name comes from
// the server's configuration, which the server's user writes: it is that user who makes it, and root nothing but PostgreSQL's own place in /run.
import { dirname } from 'node:path';
import { exists, firstLine, makeDirectory } from '../lib/host/disk.ts';
import type { Argv, Result } from '../lib/host/exec.ts';
import { withIdentity } from '../lib/host/identity.ts';
import { lastLine } from './outcome.ts';
import { left, type Site } from './site.ts';

const place = '/run/postgresql';

/** Makes it, if it is missing. Why it could not be made; undefined: it is there, or none is needed. */
export async function makeStatsDirectory(site: Site): Promise<string | undefined> {
  const { pgctl, pgdata, config } = site.call.parameters;
  const major = Number.parseInt(firstLine(`${pgdata}/PG_VERSION`, 16) ?? '', 10);
  if (!(major < 15)) return undefined;
  const asked = [`${dirname(pgctl)}/postgres`, '-D', pgdata, '-c', `config_file=${config}`, '-C', 'stats_temp_directory'] as const; // prettier-ignore
  // The server itself tells, with all files that its configuration includes. What it does not tell, it says when it is started.
  const directory = (await asOwner(site, asked)).stdout.trim();
  if (!directory.startsWith('/') || exists(directory)) return undefined;
  if (/^(\/var)?\/run\/postgresql\//.test(directory) && !exists(place))
    makeDirectory(place, { ...site.user, mode: 0o2775 });
  const made = await asOwner(site, ['mkdir', '-p', '-m', '700', '--', directory]);
  return made.code === 0 ? undefined : `stats_temp_directory: ${site.user.name} cannot make it: ${lastLine(made)}`;
}

function asOwner(site: Site, argv: Argv): Promise<Result> {
  return site.exec({ argv: withIdentity(site.user, argv), timeoutMs: Math.min(5000, left(site)) });
}
