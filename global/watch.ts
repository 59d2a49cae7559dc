// Looks, decides, acts, again and again: `cfha global watch`, the service of each site.
import { monotonicMs } from '../lib/host/clock.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { takeName } from '../lib/host/only-one.ts';
import { actAll } from './act.ts';
import { endConnections } from './gate.ts';
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

export async function watch(site: Site, stopping: () => boolean): Promise<number> {
  const quiet = { ...site, say: sparingly(site.say) };
  let wasOpen = false;
  while (!stopping()) {
    const began = monotonicMs();
    const facts = await tickSurely(quiet);
    // The kernel has closed it: those who were connected are told.
    if (wasOpen && facts?.gate === 'closed') await endConnections(site);
    wasOpen = facts === undefined ? wasOpen : facts.gate === 'open';
    if (facts?.gate !== 'absent') await sleep(pauseMs(site, facts) - (monotonicMs() - began), stopping);
  }
  return 0;
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
