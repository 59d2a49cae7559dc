// cfha global rejoin and switchover.
import { wakeWatch } from '../../global/state.ts';
import { failover } from '../../global/failover.ts';
import { rejoin } from '../../global/rejoin.ts';
import { takeInTime } from '../../global/run-job.ts';
import type { Site } from '../../global/site.ts';
import { handOver, otherFollows, switchover, takeBack } from '../../global/switchover.ts';
import { atSite, consents } from './global.ts';
import type { Terminal } from './region.ts';

type Options = { readonly config: string | undefined };
type Out = Terminal & { readonly root: boolean };

const log = 'cfha-global';

/** Returns an exit code: 0 done, or nothing to do; 1 failed; 2 refused. */
type Work = (site: Site) => Promise<number>;

/** Nothing else changes anything at the site meanwhile; its watch does not look, so a gate that is open closes in the end. */
function alone(work: Work): Work {
  return async (site) => {
    const release = await takeInTime();
    if (release === undefined) {
      site.say(['ERROR', 'Another job of this site is at work: wait until it ends (ps, and the logs /var/log/pgsql-*.log), then call this again']); // prettier-ignore
      return 2;
    }
    try {
      return await work(site);
    } finally {
      await release();
      wakeWatch();
    }
  };
}

export async function rejoinCommand(
  { clone, yes, ...options }: Options & { clone: boolean; yes: boolean },
  terminal: Out,
): Promise<number> {
  const what = 'This site becomes a standby of the other. What only it has is kept, but is in the database no more.';
  return (await consents(yes, terminal, what))
    ? atSite(options, terminal, { log, work: alone((site) => rejoin(site, clone)) })
    : 2;
}

export async function failoverCommand(
  { acceptLoss, yes, ...options }: Options & { acceptLoss: boolean; yes: boolean },
  terminal: Out,
): Promise<number> {
  const word = { acceptLoss, stopping: terminal.stopping };
  const what = `This standby becomes the primary. What the other site has written and not sent is lost.
Without witnesses: first make sure that the other one is off, or both are primaries.`;
  return (await consents(yes, terminal, what))
    ? atSite(options, terminal, {
        log,
        work: (site) =>
          terminal.unstoppable('Stopping, unless it is the primary now.', () =>
            alone((here) => failover(here, word))(site),
          ),
      })
    : 2;
}

export async function switchoverCommand(
  { yes, ...options }: Options & { yes: boolean },
  terminal: Out,
): Promise<number> {
  const what =
    'The primary closes its port and ends, and this site takes over: clients wait some seconds. Nothing is lost.';
  if (!(await consents(yes, terminal, what))) return 2;
  // The other's return may take as long as a copy: this site serves, and its watch keeps the gate open.
  const handsOver = 'The switchover goes on: between the two sites nobody would serve.';
  const work: Work = async (site) =>
    (await terminal.unstoppable(handsOver, () => alone(switchover)(site))) || otherFollows(site);
  return atSite(options, terminal, { log, work });
}

/** What the other site's switchover calls here. */
export function partnerCommand(name: string, options: Options, terminal: Out): Promise<number> {
  const work = alone((site) => (name === 'hand-over' ? handOver(site, terminal.out) : takeBack(site)));
  return atSite(options, terminal, { log, work });
}
