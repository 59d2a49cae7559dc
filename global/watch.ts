// Looks, decides, acts, again and again: `cfha global watch`, the service of each site.
import { monotonicMs } from '../lib/host/clock.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { takeName } from '../lib/host/only-one.ts';
import { tellAlive } from '../lib/host/systemd.ts';
import { actAll } from './act.ts';
import { endConnections } from './gate.ts';
import { keepForOther } from './kept.ts';
import { tryFromOutside } from './keepers.ts';
import { look } from './look.ts';
import type { Facts, Line } from './rules/facts.ts';
import { tick } from './rules/tick.ts';
import { leaseMsOf } from './rules/votes.ts';
import type { Site } from './site.ts';

/** All that changes something at a site takes this name, so that two never do it at the same time. */
export const lockName = 'cfha-global';

/** One look, and what follows from it; undefined: something else is at work. */
export async function tickOnce(site: Site): Promise<{ exit: 0 | 1; facts: Facts } | undefined> {
  const release = await takeName(lockName);
  if (release === undefined) return undefined;
  try {
    const facts = await look(site);
    const { exit, steps, says } = tick(facts);
    says.forEach(site.say);
    await actAll(steps, site);
    return { exit, facts };
  } finally {
    await release();
  }
}

/** A holder asks often enough to lose one answer; the others look as often as they are told to. */
function pauseMs({ spec }: Site, facts: Facts | undefined): number {
  return facts?.server === 'primary' && facts.views !== undefined
    ? leaseMsOf(spec.failover) / 6
    : spec.failover.interval * 1000;
}

/** Starting a server may take it ten minutes; what takes longer hangs, and systemd shall begin anew. */
const longestTickMs = 700_000;
const aliveMs = 15_000;

export async function watch(site: Site, stopping: () => boolean): Promise<number> {
  const quiet = { ...site, say: sparingly(site.say) };
  const last = { began: monotonicMs() };
  const beat = (): void => void (monotonicMs() - last.began < longestTickMs && tellAlive(site.exec));
  beat();
  const beating = setInterval(beat, aliveMs);
  try {
    await lookAgain(quiet, last, stopping);
  } finally {
    clearInterval(beating);
  }
  return 0;
}

async function lookAgain(site: Site, last: { began: number }, stopping: () => boolean): Promise<void> {
  let wasOpen = false;
  const keepWal = keeping(site);
  while (!stopping()) {
    const began = monotonicMs();
    last.began = began;
    const facts = await tickSurely(site);
    if (facts !== undefined) wasOpen = await tellOf(facts, { site, wasOpen });
    keepWal();
    if (facts?.gate !== 'absent') await sleep(pauseMs(site, facts) - (monotonicMs() - began), stopping);
  }
}

/** Those who were connected when the kernel closed the gate are told; whether it is open now. */
async function tellOf({ gate }: Facts, { site, wasOpen }: { site: Site; wasOpen: boolean }): Promise<boolean> {
  if (wasOpen && gate === 'closed') await endConnections(site);
  if (!wasOpen && gate === 'open') seenFromOutside(site);
  return gate === 'open';
}

/** What this site has opened another firewall may keep closed. Nobody waits for the answer. */
function seenFromOutside(site: Site): void {
  tryFromOutside(site).then(
    (seen) => {
      if (seen?.reached === 0) site.say(['WARNING', `The gate is open, and none of ${seen.tried} witnesses reaches the port: look for another firewall`]); // prettier-ignore
    },
    (error: unknown) => site.say(['WARNING', `The port was not tried from outside: ${String(error)}`]),
  );
}

const keepEveryMs = 10_000;

/** WAL is kept for the other site, beside all else and at its own pace: nobody waits for it. */
function keeping(site: Site): () => void {
  const say = sparingly(site.say);
  let next = 0;
  return () => {
    if (monotonicMs() < next) return;
    next = monotonicMs() + keepEveryMs;
    keepForOther(site).then(
      (line) => line && say(line),
      (error: unknown) => say(['WARNING', `WAL for the other site: ${String(error)}`]),
    );
  };
}

/** What goes wrong is said, and tried again. */
async function tickSurely(site: Site): Promise<Facts | undefined> {
  try {
    return (await tickOnce(site))?.facts;
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    site.say(['ERROR', error.message]);
    return undefined;
  }
}

async function sleep(ms: number, stopping: () => boolean): Promise<void> {
  for (let left = ms; left > 0 && !stopping(); left -= 100)
    await new Promise((resolve) => setTimeout(resolve, Math.min(100, left)));
}

/** What stays as it is is said once, and again when it has changed; what is only for looking closer is not said. */
function sparingly(say: (line: Line) => void): (line: Line) => void {
  let last = '';
  return (line) => {
    if (line[0] === 'DEBUG' || line[1] === last) return;
    last = line[1];
    say(line);
  };
}
