// How a site comes back as a standby of the other, and how it takes over in order. Purely: what forbids it, and in which way.
import { otherSite } from '../site-name.ts';
import type { Facts } from './facts.ts';
import { waitToBegin } from './votes.ts';

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
  if (!other.answers) return [[true, `${there} does not answer: ${other.because}`]];
  const foreign = systemId !== undefined && systemId !== other.systemId;
  return [
    [other.inRecovery, `${there} is a standby: there is no primary to follow`],
    [foreign, `the data here are of system ${systemId ?? ''}, those of ${there} of ${other.systemId}`],
    [
      server === 'primary' && gate === 'open',
      'this site is open as the primary: cfha global switchover on the other one',
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
    [!other.answers || other.inRecovery, `${there} does not answer as primary`],
    [(lag ?? mostBytes + 1n) > mostBytes, `${here} is ${lag ?? 'unknown'} bytes behind: clients would wait`],
    [
      views !== undefined && waitToBegin(views, site) === undefined,
      'no majority of the witnesses answers: nobody could begin the next epoch',
    ],
  ]);
}

/** What has to be sent while clients wait. */
const mostBytes = 16n * 1024n * 1024n;
