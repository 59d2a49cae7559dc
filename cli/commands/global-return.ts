// cfha global rejoin and switchover.
import { rejoin } from '../../global/rejoin.ts';
import { takeInTime } from '../../global/run-job.ts';
import type { Site } from '../../global/site.ts';
import { handOver, otherFollows, switchover, takeBack } from '../../global/switchover.ts';
import { UnreadableAnswer } from '../../lib/host/exec.ts';
import { siteOf } from './global.ts';
import type { Terminal } from './region.ts';

type Options = { readonly config: string | undefined };
type Out = Terminal & { readonly root: boolean };

/** Returns an exit code: 0 done, or nothing to do; 1 failed; 2 refused. */
type Work = (site: Site) => Promise<number>;

/** From its call to its exit code. */
async function atSite(options: Options, terminal: Out, work: Work): Promise<number> {
  const site = await siteOf(options, terminal, 'cfha-global');
  if (site === undefined) return 2;
  try {
    return await work(site);
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    site.say(['ERROR', error.message]);
    return 1;
  }
}

/** Nothing else changes anything at the site meanwhile; its watch does not look, so a gate that is open closes in the end. */
function alone(work: Work): Work {
  return async (site) => {
    const release = await takeInTime();
    if (release === undefined) {
      site.say(['ERROR', 'Another job of this site is at work']);
      return 2;
    }
    try {
      return await work(site);
    } finally {
      await release();
    }
  };
}

async function consents(yes: boolean, { ask, err }: Out, what: string): Promise<boolean> {
  if (yes) return true;
  err(`${what}\n`);
  const consent = ask !== undefined && (await ask('Go on? [y/N] '));
  if (!consent) err(`cfha: ${ask === undefined ? 'say --yes to do it' : 'nothing was changed'}\n`);
  return consent;
}

export async function rejoinCommand(
  { clone, yes, ...options }: Options & { clone: boolean; yes: boolean },
  terminal: Out,
): Promise<number> {
  const what = 'This site becomes a standby of the other. What only it has is kept, but is in the database no more.';
  return (await consents(yes, terminal, what))
    ? atSite(
        options,
        terminal,
        alone((site) => rejoin(site, clone)),
      )
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
  return atSite(options, terminal, async (site) => (await alone(switchover)(site)) || otherFollows(site));
}

/** What the other site's switchover calls here. */
export function partnerCommand(name: string, options: Options, terminal: Out): Promise<number> {
  return atSite(
    options,
    terminal,
    alone((site) => (name === 'hand-over' ? handOver(site, terminal.out) : takeBack(site))),
  );
}
