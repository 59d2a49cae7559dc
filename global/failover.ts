// `cfha global failover`: a person makes this standby the primary, when the other site serves nobody and the rules make nobody it.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../lib/host/clock.ts';
import { lookAtServer, standbyHas } from './look.ts';
import type { Facts } from './rules/facts.ts';
import { mayPromote, mustNotPromote } from './rules/return.ts';
import type { Site } from './site.ts';
import { takeOver } from './switchover.ts';

/** The longest loan, and a little. */
const patienceSeconds = 45;

type Word = { readonly acceptLoss: boolean; /** Somebody wants it to end. */ readonly stopping: () => boolean };

/** 0 it is the primary; 1 the keepers do not agree; 2 refused, or 130 stopped: nobody was promoted. */
export async function failover(site: Site, { acceptLoss, stopping }: Word): Promise<0 | 1 | 2 | 130> {
  const { says } = await lookAtServer(site);
  const word = { received: says && standbyHas(says), acceptLoss };
  let tries = 0;
  for (const end = monotonicMs() + patienceSeconds * 1000; monotonicMs() < end && !stopping(); await sleep(250)) {
    tries += 1;
    const seen: { refused?: string | undefined } = {};
    // Each time anew: the other site may come back while its right to be open is waited for.
    const permits = (facts: Facts) => {
      const because = mayPromote(facts, word);
      seen.refused = tries === 1 ? because : mustNotPromote(facts, word);
      return because === undefined;
    };
    if (await takeOver(site, permits)) {
      site.say(['INFO', `${site.spec[site.site].host} is the primary: a person has said so`]);
      return 0;
    }
    if (seen.refused !== undefined) return told(site, seen.refused, 2);
  }
  return stopping()
    ? told(site, 'Stopped: nobody was promoted', 130)
    : told(site, `The next epoch was not given to this site within ${patienceSeconds} s: cfha global status shows which witnesses answer; the same command may be called again`, 1); // prettier-ignore
}

function told<T>(site: Site, text: string, code: T): T {
  site.say(['ERROR', text]);
  return code;
}
