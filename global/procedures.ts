// The three jobs that replace data. Each is a row of acts after its rule has allowed it, and may be run again after any of them.
import { monotonicMs } from '../lib/host/clock.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { exists } from '../lib/host/disk.ts';
import { placesOf } from '../lib/postgres/places.ts';
import { act, actAll, must } from './act.ts';
import { backupFile, readBackup, sendBackup, unpackBackup } from './backup.ts';
import { controlOf, copyOther, removeOld, swapIn } from './copy.ts';
import { dropKept } from './kept.ts';
import { look, lookAtServer } from './look.ts';
import type { Decision, Facts } from './rules/facts.ts';
import { mayInitializePrimary, mayInitializeStandby, mayReleaseStandby } from './rules/jobs.ts';
import { begins, situationOf, tick } from './rules/tick.ts';
import { nextEpoch } from './rules/votes.ts';
import type { Site } from './site.ts';

/** Says, and does what the rule has named; true: it allows to go on. */
async function allowed({ exit, says, steps }: Decision, site: Site): Promise<boolean> {
  says.forEach(site.say);
  return exit === 0 && steps.length > 0 && actAll(steps, site);
}

/** Waits until it holds, as long as something can still come of it. */
export async function until(holds: () => Promise<boolean>, seconds: number): Promise<boolean> {
  for (const end = monotonicMs() + seconds * 1000; monotonicMs() < end;) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return holds();
}

export async function streams(site: Site): Promise<boolean> {
  const { server, says } = await lookAtServer(site);
  return server === 'standby' && says?.walReceiver === true;
}

export async function standbyInitialize(site: Site): Promise<0 | 1> {
  const decision = mayInitializeStandby(await look(site), site.spec.database.passfile);
  if (!(await allowed(decision, site))) return decision.exit;
  await copyOther(site);
  await swapIn(site);
  site.say(['INFO', 'Starting and enabling database']);
  await act({ do: 'start at boot', enabled: true }, site);
  await act({ do: 'start server' }, site);
  return seenToStream(site);
}

/** What was replaced goes when what has replaced it is seen to work. */
export async function seenToStream(site: Site): Promise<0 | 1> {
  const { old } = placesOf(site.spec.postgres.data);
  if (await until(() => streams(site), 60)) {
    removeOld(site);
    await knowsWhomItFollows(site);
    site.say(['INFO', 'Streaming from the other site']);
    return 0;
  }
  const kept = exists(old) ? `; the old data are in ${old}` : '';
  site.say(['ERROR', `The database runs, but does not stream from the other site after 60 s (see its log)${kept}`]);
  return 1;
}

/** From here on it may take the other's place; the watch may look in a minute only. */
async function knowsWhomItFollows(site: Site): Promise<void> {
  const facts = await look(site);
  if (situationOf(facts) === 'standby') await actAll(tick(facts).steps, site);
}

export async function standbyRelease(site: Site): Promise<0 | 1> {
  const facts = await look(site);
  const decision = mayReleaseStandby(facts);
  if (!(await allowed(decision, site))) return decision.exit;
  // The last checkpoint lets go of the WAL that it has kept: the first site has no use for it.
  await dropKept(site);
  site.say(['INFO', 'Shutting down and disabling database']);
  await act({ do: 'start at boot', enabled: false }, site);
  await act({ do: 'stop server' }, site);
  const control = await controlOf(site, site.spec.postgres.data);
  if (control.state !== 'shut down')
    throw new UnreadableAnswer(`the database has not shut down in order: ${control.state}`);
  await act({ do: 'yield', epoch: facts.mine.epoch }, site);
  site.say(['INFO', `Copying database to ${site.spec.ssh.user}@${site.spec.first.host}`]);
  await sendBackup(site, control.systemId);
  site.say(['INFO', `Now, run pgsql-primary-initialize on ${site.spec.first.host}`]);
  return 0;
}

export async function primaryInitialize(site: Site): Promise<0 | 1> {
  const facts = await look(site);
  const backup = readBackup();
  const decision = mayInitializePrimary(facts, backup === undefined ? backupFile : undefined);
  if (!(await allowed(decision, site)) || backup === undefined) return decision.exit;
  await unpackBackup(site, backup);
  // Data that are replaced must not go on as the primary's when the epoch is this site's.
  if (facts.server !== 'stopped') {
    site.say(['INFO', 'Stopping database']);
    await act({ do: 'stop server' }, site);
  }
  if (!(await begun(site, facts))) {
    site.say(['ERROR', 'The next epoch was not given to this site, and its database is stopped: cfha global status shows which witnesses answer; then call this again']); // prettier-ignore
    return 1;
  }
  await swapIn(site);
  site.say(['INFO', 'Starting database']);
  await act({ do: 'start server' }, site);
  if (!(await until(async () => (await lookAtServer(site)).server === 'primary', 60))) {
    const { old } = placesOf(site.spec.postgres.data);
    site.say(['ERROR', `The database does not run as primary after 60 s (see its log); the old data are in ${old}`]);
    return 1;
  }
  removeOld(site);
  await must(site, ['rm', '-f', backupFile, `${backupFile}.json`]);
  return 0;
}

/** The epoch of the site that has been released is over. */
async function begun(site: Site, facts: Facts): Promise<boolean> {
  if (facts.views === undefined) return true;
  return until(() => actAll(begins(nextEpoch(facts)), site), 30);
}
