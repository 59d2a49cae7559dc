// Whose word is needed to be open, and to become the primary. Two sentences carry everything:
// a site may go on with its epoch with the other site's keeper, or with a majority of the witnesses;
// a site begins an epoch with its own keeper and a majority of the witnesses.
// So whoever goes on has a keeper in common with whoever begins, and that keeper makes the latter wait.
import type { SiteName } from '../site-name.ts';
import type { Facts } from './facts.ts';
import type { View, Views } from './keeper.ts';

/** Who has said yes. */
export type Grants = { readonly own: boolean; readonly other: boolean; readonly witnesses: readonly boolean[] };

export function isMajority(yes: number, of: number): boolean {
  return yes > of / 2;
}

const count = (list: readonly boolean[]): number => list.filter(Boolean).length;

export function mayGoOn({ other, witnesses }: Grants): boolean {
  return other || isMajority(count(witnesses), witnesses.length);
}

export function mayBegin({ own, witnesses }: Grants): boolean {
  return own && isMajority(count(witnesses), witnesses.length);
}

/** The epoch after all that is known. */
export function nextEpoch({ views, mine }: Pick<Facts, 'views' | 'mine'>): number {
  const known = views === undefined ? [] : [views.own, views.other, ...views.witnesses];
  return 1 + Math.max(mine.epoch, mine.begun, ...known.map((view) => view?.epoch ?? 0));
}

/** Whether all that is needed would say yes now: an epoch is not begun in vain. In ms; undefined: too few answer. */
export function waitToBegin({ own, witnesses }: Views, site: SiteName): number | undefined {
  const waits = witnesses.flatMap((view) => (view === undefined ? [] : [waitOf(view, site)])).toSorted((a, b) => a - b);
  const needed = Math.floor(witnesses.length / 2) + 1;
  const last = waits[needed - 1];
  return own === undefined || last === undefined ? undefined : Math.max(waitOf(own, site), last);
}

function waitOf({ holder, waitMs }: View, site: SiteName): number {
  return holder === site ? 0 : waitMs;
}

/** True if a majority of the witnesses knows a later epoch, of the other site: it can have become the primary. */
export function isSuperseded({ witnesses }: Views, site: SiteName, epoch: number): boolean {
  const later = witnesses.filter((view) => view !== undefined && view.epoch > epoch && view.holder !== site);
  return isMajority(later.length, witnesses.length);
}

/** What a holder asks for is refused, and will be: others were asked for a later epoch, and have given it, in vain or not. */
export function isOutbid({ other, witnesses }: Views, site: SiteName, epoch: number): boolean {
  const allows = (view: View | undefined): boolean => view === undefined || view.epoch < epoch || (view.epoch === epoch && view.holder === site); // prettier-ignore
  return !allows(other) && !isMajority(witnesses.filter(allows).length, witnesses.length);
}

/** The epoch that a majority of the witnesses knows, if it is one and the same. */
export function agreedEpoch({ witnesses }: Views): { epoch: number; holder: SiteName | undefined } | undefined {
  return witnesses.find(
    (view) =>
      view !== undefined &&
      isMajority(
        witnesses.filter((one) => one?.epoch === view.epoch && one.holder === view.holder).length,
        witnesses.length,
      ),
  );
}

/**
 * How long the keepers wait for a silent holder, and how long the holder counts on it. The holder counts from before it
 * asked, the keeper from after it was asked; the quarter between them is for clocks that do not run alike, and for the time
 * between two steps of a program.
 */
export function leaseMsOf({ interval, failures }: { interval: number; failures: number }): number {
  return Math.min(30_000, Math.max(3000, interval * failures * 1000));
}

/** No keeper may take longer to answer than a holder can wait for the others. */
export function askMsOf(leaseMs: number): number {
  return Math.min(1000, leaseMs / 6);
}

/**
 * A keeper does not take what comes so long after it has given out the number for it: who has asked does not wait any more, and a
 * yield, which ends a loan, must not end the next one.
 */
export function isTooLate(sinceMs: number, leaseMs: number): boolean {
  return sinceMs > askMsOf(leaseMs);
}

/** After that no keeper takes what was asked: it is connected to within `askMsOf`, and has as long for the rest. A little is for its clock. */
export function goneMs(leaseMs: number): number {
  return askMsOf(leaseMs) * 2.4;
}

export function usableMs(leaseMs: number): number {
  return leaseMs * 0.75;
}
