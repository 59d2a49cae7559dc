// What a simulated pair is made of: its rules, its nodes, its times.
import type { Mine, Server } from '../../../global/rules/facts.ts';
import { started } from '../../../global/rules/keeper.ts';
import { begins } from '../../../global/rules/tick.ts';
import { askMsOf, leaseMsOf, mayBegin, mayGoOn, usableMs } from '../../../global/rules/votes.ts';
import { siteNames, type SiteName } from '../../../global/site-name.ts';

/** The rules that carry the promise; a variant breaks one of them. */
export const rules = { mayBegin, mayGoOn, usableMs, started, begins };
export type Rules = typeof rules;

export type Tally = { promotions: number; openings: number; cuts: number; crashes: number; switchovers: number; failovers: number; rejoins: number }; // prettier-ignore
export type End = { readonly violation: string | undefined; readonly served: boolean; readonly tally: Tally };

/** As impatient as the file allows: it leaves the least time for anything to go wrong unseen. */
export const failover = { interval: 1, failures: 1 };
export const leaseMs = leaseMsOf(failover);
export const askMs = askMsOf(leaseMs);
/** Clocks: at most this much too fast or too slow. Of the quarter that the holder gives away, the rest is for late steps. */
export const drift = 0.04;
export const witnessNames = ['w1', 'w2', 'w3'] as const;
export type Node = SiteName | (typeof witnessNames)[number];
export const keeperNames: readonly Node[] = [...siteNames, ...witnessNames];

export type Site = {
  readonly name: SiteName;
  on: boolean;
  boot: number;
  server: Server;
  asStandby: boolean;
  timeline: number;
  mine: Mine;
  /** In true time. */
  openUntil: number;
  busy: boolean;
  /** Its watch looks and acts; nothing else does so meanwhile. */
  working: boolean;
};
