// What a person wants to know of the pair, from what a site has found.
import { otherSite } from '../site-name.ts';
import type { Facts, Gate, Server } from './facts.ts';
import { keptOf, keptText, type Kept, type KeptStatus } from './kept.ts';
import type { Views } from './keeper.ts';
import { hasFollowed } from './return.ts';
import { isMajority, isOutbid } from './votes.ts';

export type Status = {
  readonly here: { readonly host: string; readonly site: string; readonly server: Server; readonly gate: Gate; readonly timeline?: number | undefined; readonly position?: string | undefined; readonly epoch: number }; // prettier-ignore
  readonly there: { readonly host: string; readonly server: string; readonly timeline?: number; readonly position?: string | undefined }; // prettier-ignore
  readonly lag?: { readonly bytes: string | undefined; readonly seconds: number | undefined };
  readonly witnesses?: { readonly answer: number; readonly of: number; readonly epoch: number };
  /** How many of the witnesses that tried reach this site's port. */
  readonly outside?: Outside;
  /** The WAL that is kept here for the other site's return. */
  readonly kept?: KeptStatus;
  /** May something be written at one of the sites, through its gate. */
  readonly writable: 'here' | 'there, if its gate is open' | 'nowhere';
  readonly todo: string;
  readonly code: 0 | 3 | 4;
};

type Positions = { readonly here: bigint | undefined; readonly sent: bigint | undefined };

/** In bytes: what the standby does not have of what the primary has written. */
export function lagOf({ server, other }: Facts, { here, sent }: Positions): bigint | undefined {
  if (server === 'primary') return missing(here, sent);
  return server === 'standby' && other.answers && !other.inRecovery ? missing(other.position, here) : undefined;
}

function missing(written: bigint | undefined, received: bigint | undefined): bigint | undefined {
  if (written === undefined || received === undefined) return undefined;
  return written > received ? written - received : 0n;
}

type Outside = { readonly reached: number; readonly tried: number };

type Seen = {
  readonly here: string | undefined;
  readonly there: string | undefined;
  readonly lag: bigint | undefined;
  readonly seconds: number | undefined;
  readonly outside?: Outside | undefined;
  readonly kept?: Kept | undefined;
};

export function statusOf(facts: Facts, seen: Seen): Status {
  const { hosts, site, server, gate, timeline, mine, other, views } = facts;
  const writable = writableAt(facts);
  const host = hosts[otherSite(site)];
  const lag = seen.lag === undefined ? {} : { lag: { bytes: seen.lag.toString(), seconds: seen.seconds } };
  return {
    here: { host: hosts[site], site, server, gate, timeline, position: seen.here, epoch: mine.epoch },
    there: other.answers
      ? { host, server: other.inRecovery ? 'standby' : 'primary', timeline: other.timeline, position: seen.there }
      : { host, server: `does not answer (${other.because})` },
    ...lag,
    ...(views === undefined ? {} : { witnesses: witnessesOf(views) }),
    ...(seen.outside === undefined ? {} : { outside: seen.outside }),
    ...(seen.kept === undefined ? {} : { kept: keptOf(seen.kept) }),
    writable,
    todo: todoOf(facts, seen),
    code: codeOf(writable, seen.lag !== undefined && hasMajority(facts)),
  };
}

function witnessesOf({ witnesses }: Views): NonNullable<Status['witnesses']> {
  const answer = witnesses.filter((view) => view !== undefined);
  return { answer: answer.length, of: witnesses.length, epoch: Math.max(0, ...answer.map(({ epoch }) => epoch)) };
}

function codeOf(writable: Status['writable'], failoverGoes: boolean): Status['code'] {
  if (writable === 'nowhere') return 4;
  return failoverGoes ? 0 : 3;
}

function hasMajority({ views }: Facts): boolean {
  return views === undefined || isMajority(views.witnesses.filter(Boolean).length, views.witnesses.length);
}

function writableAt({ server, gate, other }: Facts): Status['writable'] {
  if (server === 'primary' && gate === 'open') return 'here';
  return other.answers && !other.inRecovery ? 'there, if its gate is open' : 'nowhere';
}

/** A primary whose standby has asked for a later epoch, and was not promoted: the primary cannot go on with its own. */
function isHeldUp(facts: Facts): boolean {
  const { server, site, views, mine } = facts;
  return server === 'primary' && isStandbyThere(facts) && views !== undefined && isOutbid(views, site, mine.epoch);
}

/** What this site has opened is closed on the way. */
function isHidden({ gate }: Facts, outside: Outside | undefined): boolean {
  return gate === 'open' && outside?.reached === 0;
}

/** A standby that waits for a primary. The second site takes over by itself; the first does not. */
function alone(facts: Facts): string {
  const { hosts, site } = facts;
  const there = hosts[otherSite(site)];
  if (hasMajority(facts) && !hasFollowed(facts)) return `bring ${there} back: this site was not seen to follow it, and is not promoted (cfha global failover --accept-loss, if it is lost)`; // prettier-ignore
  return site === 'second' ? `wait for the promotion here, or bring ${there} back` : `bring ${there} back; if it is gone, cfha global failover here: the first site is not promoted by itself`; // prettier-ignore
}

type Hint = readonly [fits: boolean, what: string];

const thereOf = ({ hosts, site }: Facts): string => hosts[otherSite(site)];
const isStandbyThere = ({ other }: Facts): boolean => other.answers && other.inRecovery;

const whereItDoesNotServe = (facts: Facts): readonly Hint[] => {
  const { server, other, hosts, site } = facts;
  const byJob = `${hosts.first}: cfha global check-start`;
  return [
    [server === 'starting', 'the database here starts or stops: ask again'],
    [server === 'hung', 'the database here runs and does not answer: look into its log'],
    [server === 'stopped' && isStandbyThere(facts), `start the database here, if it was the primary last (${byJob}); else cfha global failover on ${thereOf(facts)}`],
    [server === 'stopped' && other.answers, `cfha global rejoin on ${hosts[site]}`],
    [server === 'stopped', `start the database of the site that was the primary last (${byJob})`],
  ];
}; // prettier-ignore

/** The first hint that fits. */
function todoOf(facts: Facts, { lag, outside }: Seen): string {
  const { server, other, hosts, site, gate } = facts;
  const there = thereOf(facts);
  const hints: readonly Hint[] = [
    ...whereItDoesNotServe(facts),
    [server === 'primary' && !other.answers, `find out what is wrong with ${there}; then there: cfha global rejoin`],
    [isHeldUp(facts), `cfha global switchover on ${there}: it has asked for the next epoch, so this site cannot go on with its own`],
    [isHidden(facts, outside), 'the gate is open, and no witness reaches the port: look for another firewall'],
    [!hasMajority(facts), 'find out why the witnesses do not answer: without them no site takes over'],
    [server === 'primary' && gate !== 'open', 'the gate before the primary is closed: journalctl -u cfha-global-watch says why'],
    [server === 'standby' && !other.answers, alone(facts)],
    [server === 'standby' && isStandbyThere(facts), `nobody is the primary: cfha global failover on the site that has more (${hosts[site]} or ${there})`],
    [lag === undefined, 'find out why the standby does not stream (see its log)'],
  ];
  return hints.find(([fits]) => fits)?.[1] ?? 'nothing';
} // prettier-ignore

export function statusText(status: Status): string {
  const { here, there, lag, witnesses, outside, kept } = status;
  const of = (timeline: number | undefined, position: string | undefined): string =>
    `${timeline === undefined ? '' : `, timeline ${timeline}`}${position === undefined ? '' : ` at ${position}`}`;
  const lines = [
    `writable   ${status.writable}`,
    `${here.host} (here)   ${here.server}${of(here.timeline, here.position)}, gate ${here.gate}, epoch ${here.epoch}`,
    `${there.host}   ${there.server}${of(there.timeline, there.position)}`,
    `lag   ${lag?.bytes === undefined ? 'unknown: no standby streams' : `${lag.bytes} bytes${lag.seconds === undefined ? '' : `, ${lag.seconds.toFixed(1)} s`}`}`,
    ...(witnesses === undefined ? ['witnesses   none: two primaries are possible'] : [`witnesses   ${witnesses.answer} of ${witnesses.of} answer, epoch ${witnesses.epoch}`]), // prettier-ignore
    ...(outside === undefined
      ? []
      : [`port   ${outside.reached} of ${outside.tried} witnesses reach that of ${here.host}`]),
    ...(kept === undefined ? [] : [`kept   ${keptText(kept)}`]),
    `to do   ${status.todo}`,
  ];
  return `${lines.join('\n')}\n`;
}
