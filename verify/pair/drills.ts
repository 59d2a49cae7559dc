// The drills of a pair of sites: data. What cuts a site's power, or all its lines, is not among them: from outside nobody can do that
// and take it back; docs/global.md has what came of it on the testbed.
import { quoted } from '../../lib/host/shell.ts';
import type { Drill, Holds, Undo } from '../drills/drill.ts';
import { serves, type PairSeen } from './seen.ts';

export type PairSituation = {
  readonly primary: string;
  readonly standby: string;
  readonly guarded: boolean;
  readonly service: string;
  readonly user: string;
  readonly data: string;
  readonly addresses: Readonly<Record<string, string>>;
  /** The standby follows asynchronously. */
  readonly mode: 'async';
  /** How long the standby waits before it takes over, in seconds. */
  readonly patience: number;
};

export type PairStep =
  | { readonly do: 'run'; readonly on: string; readonly says: string; readonly script: string; readonly breaks?: true; readonly seconds?: number }
  | { readonly do: 'wait'; readonly says: string; readonly seconds: number; readonly until: (seen: PairSeen) => boolean }
  | { readonly do: 'stays'; readonly says: string; readonly seconds: number; readonly while: (seen: PairSeen) => boolean }; // prettier-ignore

export type PairDrill = Pick<Drill, 'name' | 'says' | 'breaks' | 'clients' | 'undone' | 'source'> & {
  /** Why it cannot be played with this pair. */
  readonly refuse?: (situation: PairSituation) => string | undefined;
  readonly steps: (situation: PairSituation) => readonly PairStep[];
  readonly undo: (situation: PairSituation) => readonly Undo[];
  readonly holds: Holds<PairSituation>;
};

const nobody = () => [];
const moves = { primary: 'moves', rebooted: nobody, gapSeconds: 60 } as const;
const stays = { primary: 'stays', rebooted: nobody, loss: 'never' } as const;

const takesOver = ({ standby, patience }: PairSituation): PairStep =>
  ({ do: 'wait', says: `${standby} takes over`, seconds: patience + 60, until: ({ sites }) => serves(sites[standby]) }); // prettier-ignore
const goesOn = ({ primary }: PairSituation, seconds: number): PairStep =>
  ({ do: 'stays', says: `${primary} goes on for ${String(seconds)} s`, seconds, while: ({ sites }) => serves(sites[primary]) }); // prettier-ignore

const table = 'cfha_verify';

/** The line between the sites alone: both still see the witnesses. */
const cut = (address: string): string => `nft -f - <<'E'
table ip ${table} {
  chain in { type filter hook input priority -100; ip saddr ${address} tcp dport != 22 tcp sport != 22 drop; }
  chain out { type filter hook output priority -100; ip daddr ${address} tcp dport != 22 tcp sport != 22 drop; }
}
E`;
const mend = `nft delete table ip ${table} 2>/dev/null || true`;

export const pairDrills: readonly PairDrill[] = [
  {
    name: 'switchover',
    says: 'the standby takes over in order, and nothing is lost',
    breaks: 'nothing: cfha global switchover',
    clients: 'some seconds, twice: back again as well',
    undone: 'switchover back',
    source: 'reference, 5.1.3',
    steps: (s) => [{ do: 'run', on: s.standby, says: `cfha global switchover on ${s.standby}`, breaks: true, seconds: 300, script: 'cfha global switchover --yes' }, takesOver(s)],
    undo: nobody,
    holds: { ...moves, loss: 'never', gapSeconds: 30 },
  },
  {
    name: 'stop',
    says: 'somebody stops PostgreSQL on the primary: the standby takes over',
    breaks: 'the primary’s service is stopped',
    clients: 'until the standby has failed to reach it often enough (failover.failures, .interval), and the lease has ended',
    undone: 'rejoin, and switchover back',
    source: 'reference, 5.1.3.3',
    steps: (s) => [{ do: 'run', on: s.primary, says: `${s.service} is stopped on ${s.primary}`, breaks: true, script: `systemctl stop ${quoted(s.service)}` }, takesOver(s)],
    undo: nobody,
    holds: { ...moves, loss: 'async' },
  },
  {
    name: 'crash',
    says: 'the primary’s postmaster is killed: the standby takes over',
    breaks: 'kill -9 for all of the primary’s PostgreSQL',
    clients: 'as with stop',
    undone: 'rejoin, and switchover back',
    source: 'peers: postmaster killed',
    steps: (s) => [{ do: 'run', on: s.primary, says: `PostgreSQL of ${s.primary} is killed`, breaks: true, script: `pkill -KILL -u ${quoted(s.user)} postgres` }, takesOver(s)],
    undo: nobody,
    holds: { ...moves, loss: 'async' },
  },
  {
    name: 'freeze',
    says: 'the primary listens, and does not answer: a wreck loses its right to be open, and the standby takes over',
    breaks: 'SIGSTOP for all of the primary’s PostgreSQL',
    clients: 'as with stop',
    undone: 'SIGCONT; rejoin, and switchover back',
    source: 'docs/global.md: a wreck that listens',
    refuse: ({ guarded }) => (guarded ? undefined : 'without witnesses nothing ends what the frozen one may still do when it goes on'),
    steps: (s) => [{ do: 'run', on: s.primary, says: `PostgreSQL of ${s.primary} is frozen`, breaks: true, script: `pkill -STOP -u ${quoted(s.user)} postgres` }, takesOver(s)],
    undo: (s) => [{ on: s.primary, script: `pkill -CONT -u ${quoted(s.user)} postgres || true` }],
    holds: { ...moves, loss: 'async' },
  },
  {
    name: 'gate',
    says: 'somebody removes the gate: the watch makes it again, and opens it',
    breaks: 'the table inet cfha_global of the primary is deleted',
    clients: 'not at all, or until the next look',
    undone: 'by the watch',
    source: 'docs/global.md, The gate',
    steps: (s) => [
      { do: 'run', on: s.primary, says: `the gate of ${s.primary} is removed`, breaks: true, script: 'nft delete table inet cfha_global' },
      { do: 'wait', says: 'it is there again, and open', seconds: s.patience + 30, until: ({ sites }) => sites[s.primary]?.here.gate === 'open' },
    ],
    undo: nobody,
    holds: { ...stays, gapSeconds: 15 },
  },
  {
    name: 'standby',
    says: 'the standby is down: the primary goes on, and the standby follows again when it is back',
    breaks: 'the standby’s service is stopped',
    clients: 'not at all',
    undone: 'the service is started',
    source: 'reference, 5.1.3.1',
    steps: (s) => [{ do: 'run', on: s.standby, says: `${s.service} is stopped on ${s.standby}`, breaks: true, script: `systemctl stop ${quoted(s.service)}` }, goesOn(s, 10)],
    undo: (s) => [{ on: s.standby, script: `systemctl start ${quoted(s.service)}` }],
    holds: { ...stays, gapSeconds: 5 },
  },
  {
    name: 'line',
    says: 'the line between the sites is cut: the primary goes on by the witnesses’ word, and nobody is promoted',
    breaks: 'packets between the sites are dropped (not those of ssh), in a table of its own on the standby',
    clients: 'not at all',
    undone: 'the table is deleted; by the site itself after twenty minutes',
    source: 'docs/global.md, Split brain',
    refuse: ({ guarded }) => (guarded ? undefined : 'without witnesses it makes two primaries'),
    steps: (s) => [{ do: 'run', on: s.standby, says: `${s.standby} and ${s.primary} do not reach each other`, breaks: true, script: cut(s.addresses[s.primary] ?? '') }, goesOn(s, Math.max(10, 2 * s.patience))],
    undo: (s) => [{ on: s.standby, script: mend }],
    holds: { ...stays, gapSeconds: 10 },
  },
]; // prettier-ignore

/** Those that are named, in their order; all, if none is. */
export function chosenOf(names: readonly string[]): readonly PairDrill[] | { readonly unknown: string } {
  const unknown = names.find((name) => !pairDrills.some((drill) => drill.name === name));
  if (unknown !== undefined) return { unknown };
  return names.length === 0 ? pairDrills : pairDrills.filter(({ name }) => names.includes(name));
}
