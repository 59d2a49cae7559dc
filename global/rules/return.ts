// How a site comes back as a standby of the other, and how it takes over in order. Purely: what forbids it, and in which way.
import { otherSite } from '../site-name.ts';
import type { Facts } from './facts.ts';
import { isEntitled } from './tick.ts';
import { agreedEpoch, waitToBegin } from './votes.ts';

/** `nothing`: it is what it is to be. */
export type Way = 'nothing' | 'rewind' | 'clone';
export type Rejoin = { readonly refused: string } | { readonly way: Way; readonly stopFirst: boolean };

type Wish = { readonly clone: boolean; /** A rewind was begun here and has not ended. */ readonly half: boolean };

type Line = readonly [applies: boolean, because: string];
const first = (lines: readonly Line[]): string | undefined => lines.find(([applies]) => applies)?.[1];

export function rejoin(facts: Facts, { clone, half }: Wish): Rejoin {
  const { server, streams, startsAs } = facts;
  const refused = first(againstRejoin(facts));
  if (refused !== undefined) return { refused };
  if (server === 'standby' && streams && !clone) return { way: 'nothing', stopFirst: false };
  const way = clone || half || startsAs === 'nothing' ? 'clone' : 'rewind';
  return { way, stopFirst: server !== 'stopped' };
}

function againstRejoin({ other, server, systemId, hosts, site, gate }: Facts): readonly Line[] {
  const there = hosts[otherSite(site)];
  if (!other.answers)
    return [
      [
        true,
        `${there} does not answer (${other.because}), and there is nobody else to follow: start the database there first`,
      ],
    ];
  const foreign = systemId !== undefined && systemId !== other.systemId;
  return [
    [
      other.inRecovery,
      `${there} is a standby, so there is no primary to follow: cfha global status there says what to do`,
    ],
    [
      foreign,
      `the data here are of system ${systemId ?? ''}, those of ${there} of ${other.systemId}: when it is clear that nobody needs them, move the data directory away, then cfha global rejoin --clone`,
    ],
    [
      server === 'primary' && gate === 'open',
      `this site is open as the primary: to change places, cfha global switchover on ${there}`,
    ],
  ];
}

/** Why it may not; undefined: it may take over. */
export function mayTakeOver(facts: Facts, lag: bigint | undefined): string | undefined {
  const { other, server, streams, hosts, site, views } = facts;
  const [here, there] = [hosts[site], hosts[otherSite(site)]];
  return first([
    [server === 'primary', `${here} is the primary already`],
    [server !== 'standby' || !streams, `${here} is no standby that streams (${server}): cfha global rejoin`],
    [
      !other.answers || other.inRecovery,
      `${there} does not answer as the primary, so nothing can be handed over: cfha global status; where it is gone, cfha global failover`,
    ],
    [
      (lag ?? mostBytes + 1n) > mostBytes,
      `${here} is ${lag ?? 'an unknown number of'} bytes behind, and clients would wait for them: wait until cfha global status shows less than ${mostBytes}`,
    ],
    [views !== undefined && waitToBegin(views, site) === undefined, noMajority],
  ]);
}

const noMajority = 'no majority of the witnesses answers, or not this site’s own keeper, so nobody can begin the next epoch: systemctl status cfha-global-keeper here and there'; // prettier-ignore

type Word = { /** What this standby has of the WAL. */ readonly received: bigint | undefined; readonly acceptLoss: boolean }; // prettier-ignore

/** Why a person's word does not make it the primary, while the other site serves nobody; undefined: it does. */
export function mayPromote(facts: Facts, word: Word): string | undefined {
  return mustNotPromote(facts, word) ?? mayNotYet(facts, word);
}

/** Whatever the witnesses say. */
export function mustNotPromote(facts: Facts, { received = 0n, acceptLoss }: Word): string | undefined {
  const { other, server, hosts, site, timeline } = facts;
  const [here, there] = [hosts[site], hosts[otherSite(site)]];
  return first([
    [server === 'primary', `${here} is the primary already`],
    [server !== 'standby', `the database of ${here} runs as no standby (${server}): start it first`],
    [other.answers && !other.inRecovery, `${there} is the primary, and answers: cfha global switchover`],
    [other.answers && timeline === undefined, `the database of ${here} does not say how far it is: call this again`],
    [isNewer(facts), `${there} is on a later timeline than ${here}: cfha global failover there`],
    [hasMore(facts, received) === 'surely', `${there} has WAL that ${here} has not: cfha global failover there`],
    [!acceptLoss && hasMore(facts, received) === 'perhaps', `${there} has WAL of an older timeline, beyond what ${here} has: look at both; --accept-loss gives it up`],
  ]);
} // prettier-ignore

/** What another look may find otherwise. */
function mayNotYet(facts: Facts, { acceptLoss }: Word): string | undefined {
  const { hosts, site, views } = facts;
  const [here, there] = [hosts[site], hosts[otherSite(site)]];
  return first([
    [views !== undefined && waitToBegin(views, site) === undefined, noMajority],
    [!acceptLoss && !hasFollowed(facts), `${here} was not seen to follow the last primary (or the witnesses do not agree on who that was), and may lack what was written there: bring ${there} back; or, where that is lost for good, --accept-loss`],
  ]);
} // prettier-ignore

/** Promoted after this one: its data go first, whatever the positions. */
function isNewer({ other, timeline }: Facts): boolean {
  return other.answers && timeline !== undefined && other.timeline > timeline;
}

/** Where their timelines differ, positions do not say which is more. */
function hasMore({ other, timeline }: Facts, received: bigint): 'surely' | 'perhaps' | undefined {
  if (!other.answers || (other.position ?? 0n) <= received) return undefined;
  return other.timeline === timeline ? 'surely' : 'perhaps';
}

/** Without witnesses nobody knows. */
export function hasFollowed(facts: Facts): boolean {
  const agreed = facts.views === undefined ? undefined : agreedEpoch(facts.views);
  return facts.views === undefined || (agreed !== undefined && isEntitled(facts, agreed));
}

/** What has to be sent while clients wait. */
const mostBytes = 16n * 1024n * 1024n;
