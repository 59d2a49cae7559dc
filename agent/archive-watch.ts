// Waits for what recovery does, and not for an archive that does not answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../lib/host/clock.ts';
import type { Result } from '../lib/host/exec.ts';
import { restoringMs } from '../lib/postgres/children.ts';
import { pidFileOf, postmasterOf } from './look.ts';
import { isSilent } from './rules/archive.ts';
import { left, type Site } from './site.ts';

const pollMs = 200;

/**
 * How a program ended that waits for recovery; undefined if the archive was silent before: then the next look tells what to do, and
 * the program ends by itself, with the server.
 */
export async function untilSilent(
  site: Site,
  action: 'promote' | 'start',
  ended: Promise<Result>,
): Promise<Result | undefined> {
  let over = false;
  const watch = async (): Promise<undefined> => {
    for (const begun = monotonicMs(); !over; await sleep(pollMs, undefined, { ref: false })) {
      const postmaster = postmasterOf(site, pidFileOf(site));
      const remainingMs = site.patience === undefined ? left(site) : site.patience - (monotonicMs() - begun);
      if (
        postmaster !== undefined &&
        isSilent(action, { restoringMs: restoringMs(postmaster), remainingMs }, site.call)
      )
        return;
    }
  };
  return Promise.race([ended, watch()]).finally(() => (over = true));
}
