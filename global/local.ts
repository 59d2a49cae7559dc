// The server of this site: where it listens, by what it has written down itself.
import { readText } from '../lib/host/disk.ts';
import { findProcess, worksIn } from '../lib/host/processes.ts';
import { readPidFile, type PidFile } from '../lib/postgres/pidfile.ts';
import type { Target } from '../lib/postgres/session.ts';
import { leaseMsOf } from './rules/votes.ts';
import type { Site } from './site.ts';

/** Long enough for a busy server; and a holder, which asks for its right again after it, must not lose that by waiting. */
export function patienceMs({ failover }: Pick<Site['spec'], 'failover'>): number {
  return Math.min(5000, Math.max(800, failover.interval * 800), leaseMsOf(failover) * 0.4);
}

/** Undefined: no postmaster of these data runs. */
export function postmaster({ spec }: Pick<Site, 'spec'>): PidFile | undefined {
  const { data } = spec.postgres;
  const file = readPidFile(readText(`${data}/postmaster.pid`) ?? '');
  if (file === undefined || findProcess(file.pid) === undefined) return undefined;
  return worksIn(file.pid, data) ? file : undefined;
}

/** Undefined if it cannot be asked yet. */
export function localTarget(
  { spec, user }: Pick<Site, 'spec' | 'user'>,
  file: PidFile | undefined,
): Target | undefined {
  const { socketDirectory: host, port } = file ?? {};
  if (host === undefined || port === undefined) return undefined;
  return { host, port, user: user.name, database: 'postgres', as: user, owner: true, timeoutMs: patienceMs(spec) };
}
