// A pair of sites as it is seen from outside: what each site says of it, and what its host is like. Pure.
import type { Status } from '../../global/rules/status.ts';

/** What is known of a site's host, by the names of verify/pair/site-script.ts. */
export type SiteFacts = {
  readonly status: Status;
  readonly told: Readonly<Record<string, string | undefined>>;
  /** Seconds by which its clock is ahead of ours. */
  readonly clockSeconds: number;
};

/** By host; why, of one that could not be asked. */
export type Asked = { readonly host: string } & (SiteFacts | { readonly silent: string });

export type PairFacts = {
  readonly first: Asked;
  readonly second: Asked;
  readonly guarded: boolean;
  readonly archive: boolean;
};

/** What is seen while a drill runs: each site's word, if it says one. */
export type PairSeen = {
  readonly sites: Readonly<Record<string, Status | undefined>>;
  readonly sinceAcknowledgedMs: number;
};

export const serves = (status: Status | undefined): boolean => status?.writable === 'here';

export const follows = (status: Status | undefined): boolean =>
  status?.here.server === 'standby' && status.lag?.bytes !== undefined;

/** Both sites as they must be: one serves, the other follows it. What is missing. */
export function lacksOf(sites: PairSeen['sites'], primary: string, standby: string): readonly string[] {
  const said = (host: string): string => {
    const status = sites[host];
    return status === undefined ? 'it does not answer' : `${status.here.server}, gate ${status.here.gate}: ${status.todo}`;
  };
  return [
    ...(serves(sites[primary]) ? [] : [`${primary} does not serve (${said(primary)})`]),
    ...(follows(sites[standby]) ? [] : [`${standby} does not follow (${said(standby)})`]),
  ];
} // prettier-ignore
