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
import { isCounted, nextLookMs, type Looked } from './rules/rhythm.ts';
import { tick } from './rules/tick.ts';
import type { Site } from './site.ts';
import { rememberedMs, wokenMs } from './state.ts';

/** All that changes something at a site takes this name, so that two never do it at the same time. */
export const lockName = 'cfha-global';

/** One look, and what follows from it; undefined: something else is at work. */
export async function tickOnce(site: Site, counted: boolean): Promise<Looked | undefined> {
  const release = await takeName(lockName);
  if (release === undefined) return undefined;
  try {
    const facts = await look(site);
    const { steps, says } = tick(facts, counted);
    says.forEach(site.say);
    await actAll(steps, site);
    return { facts, steps };
  } finally {
    await release();
  }
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
  let countedMs = -Infinity;
  const keepWal = keeping(site);
  const { failover, witnesses } = site.spec;
  while (!stopping()) {
    const beganMs = monotonicMs();
    last.began = beganMs;
    const woken = wokenMs();
    const counted = isCounted(failover, { beganMs, countedMs });
    const looked = await tickSurely(site, counted);
    if (looked !== undefined) wasOpen = await tellOf(looked.facts, { site, wasOpen });
    if (counted && looked !== undefined) countedMs = beganMs;
    keepWal();
    if (looked?.facts.gate === 'absent') continue;
    const next = nextLookMs(failover, looked, { beganMs, countedMs, guarded: witnesses !== undefined });
    // Never at once: timers and signals have their turn, whatever the look has come to.
    await sleep(Math.max(50, next - monotonicMs()), untilWoken(woken, stopping));
  }
} // prettier-ignore

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
  let atWork = false;
  return () => {
    if (atWork || monotonicMs() < next) return;
    atWork = true;
    next = monotonicMs() + keepEveryMs;
    keepForOther(site)
      .then(
        (line) => line && say(line),
        (error: unknown) => say(['WARNING', `WAL for the other site: ${error instanceof Error ? error.message : String(error)}`]), // prettier-ignore
      )
      .finally(() => (atWork = false));
  };
}

/** What goes wrong is said, and tried again. */
async function tickSurely(site: Site, counted: boolean): Promise<Looked | undefined> {
  try {
    return await tickOnce(site, counted);
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    site.say(['ERROR', error.message]);
    return undefined;
  }
}

/** A job has ended, even since the last look began; or it has written something down, as the watch itself does not now. */
function untilWoken(woken: number, stopping: () => boolean): () => boolean {
  const known = rememberedMs();
  return () => stopping() || wokenMs() !== woken || rememberedMs() !== known;
}

async function sleep(ms: number, ended: () => boolean): Promise<void> {
  for (let left = ms; left > 0 && !ended(); left -= 100)
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
