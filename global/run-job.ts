// One of the seven jobs, from its call to its exit code.
import { monotonicMs } from '../lib/host/clock.ts';
import type { Exec } from '../lib/host/exec.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { takeName } from '../lib/host/only-one.ts';
import { actAll } from './act.ts';
import { archiveWal } from './archive.ts';
import { jobSink } from './log.ts';
import { look } from './look.ts';
import { scriptOf, type Job } from './places.ts';
import { primaryInitialize, standbyInitialize, standbyRelease } from './procedures.ts';
import type { Decision, Facts } from './rules/facts.ts';
import { checkAccess, checkPromote, checkStart } from './rules/jobs.ts';
import { serverUser, type Found, type Site } from './site.ts';
import { wakeWatch } from './state.ts';
import { lockName } from './watch.ts';

export type Caller = { readonly exec: Exec; readonly out: (text: string) => void };

/** Another one of the pair's programs may be at work for a moment: that is waited for, and not for longer. */
const patienceMs = 15_000;

export async function runJob(job: Job, rest: readonly string[], found: Found & Caller): Promise<0 | 1> {
  const say = jobSink(job, found.out);
  if (job === 'archive-wal') return archiveWal({ ...found, say }, rest);
  const { site } = found;
  if (site === undefined) {
    say(['ERROR', `This host is neither ${found.spec.first.host} nor ${found.spec.second.host}`]);
    return 1;
  }
  const here: Site = { ...found, site, say, user: await serverUser(found.spec, found.exec) };
  const release = await takeInTime();
  if (release === undefined) {
    say([
      'WARNING',
      `${scriptOf(job)}: another job of this site is at work, exiting; when it has ended, call this again`,
    ]);
    return 1;
  }
  try {
    return await perform(job, here);
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    say(['ERROR', error.message]);
    return 1;
  } finally {
    await release();
    wakeWatch();
  }
}

export async function takeInTime(ms = patienceMs): Promise<(() => Promise<void>) | undefined> {
  for (const end = monotonicMs() + ms; ;) {
    const release = await takeName(lockName);
    if (release !== undefined || monotonicMs() > end) return release;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function perform(job: Exclude<Job, 'archive-wal'>, site: Site): Promise<0 | 1> {
  const { passfile } = site.spec.database;
  switch (job) {
    case 'check-start':
      return decideAndAct((facts) => checkStart(facts, passfile), site);
    case 'check-access':
      return decideAndAct(checkAccess, site);
    case 'check-promote':
      return decideAndAct((facts) => checkPromote(facts, passfile), site);
    case 'standby-initialize':
      return standbyInitialize(site);
    case 'standby-release':
      return standbyRelease(site);
    case 'primary-initialize':
      return primaryInitialize(site);
  }
}

async function decideAndAct(decide: (facts: Facts) => Decision, site: Site): Promise<0 | 1> {
  const facts = await look(site);
  const { exit, steps, says } = decide(facts);
  says.forEach(site.say);
  // A server is never started before its gate is there.
  if (facts.gate === 'absent') await actAll([{ do: 'make gate' }], site);
  await actAll(steps, site);
  return exit;
}
