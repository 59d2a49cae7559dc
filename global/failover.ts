// `cfha global failover`: a person makes this standby the primary, when the other site serves nobody and the rules make nobody it.
import { look, lookAtServer } from './look.ts';
import { until } from './procedures.ts';
import { mayPromote } from './rules/return.ts';
import type { Site } from './site.ts';
import { takeOver } from './switchover.ts';

/** The longest loan, and a little. */
const patienceSeconds = 45;

/** 0 it is the primary; 1 the keepers do not agree; 2 refused, nothing was changed. */
export async function failover(site: Site, acceptLoss: boolean): Promise<0 | 1 | 2> {
  const facts = await look(site);
  const { says } = await lookAtServer(site);
  const because = mayPromote(facts, { received: says?.received ?? says?.replayed, acceptLoss });
  if (because !== undefined) {
    site.say(['ERROR', because]);
    return 2;
  }
  site.say(['INFO', 'Promoting myself to primary: a person has said so']);
  if (!(await until(() => takeOver(site), patienceSeconds))) {
    site.say(['ERROR', `The next epoch was not given to this site within ${patienceSeconds} s: cfha global status shows which witnesses answer; the same command may be called again`]); // prettier-ignore
    return 1;
  }
  site.say(['INFO', `${site.spec[site.site].host} is the primary`]);
  return 0;
}
