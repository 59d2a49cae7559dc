// Whether a server's data can follow a timeline: what PostgreSQL finds out when it starts, and does not start if they can not.
// Source: PostgreSQL src/backend/access/transam/xlogrecovery.c, "is not a child of this server's history".
import { timelineAt, type Branch, type Lineage } from './lineage.ts';
import { formatLsn, parseLsn } from './lsn.ts';
import type { Position, Standing } from './pg-control.ts';

/** A timeline by its history file. */
export type Told = { readonly timeline: number; readonly ancestors: readonly Branch[] };

/** Why the data are no part of that timeline's past, in words; undefined: they are. */
export function unfit({ timeline, ancestors }: Told, { checkpoint, least }: Standing): string | undefined {
  const line = { systemId: '', timeline, ancestors, end: 0n };
  // The end belongs to the timeline it was reached on.
  const places = [checkpoint, ...(least === undefined ? [] : [{ ...least, at: least.at - 1n }])];
  const place = places.find((one) => timelineAt(line, one.at) !== one.timeline);
  return place && inWords({ timeline, ancestors }, place);
}

function inWords({ ancestors }: Told, { timeline, at }: Position): string {
  const left = ancestors.find((branch) => branch.timeline === timeline);
  const past = left === undefined ? `does not come from timeline ${timeline}` : `left timeline ${timeline} at ${formatLsn(left.until)}`; // prettier-ignore
  return `it ${past}, and the data here are on timeline ${timeline} at ${formatLsn(at)}`;
}

/** Why a timeline is not the primary's: it went through others; undefined: it is one of them. */
export function notOf(primary: Lineage, { timeline }: Told): string | undefined {
  const own = timeline === primary.timeline || primary.ancestors.some((branch) => branch.timeline === timeline);
  return own ? undefined : `the primary, on timeline ${primary.timeline} at ${formatLsn(primary.end)}, did not come through it`; // prettier-ignore
}

/** As `notOf`, and the primary was beyond the place where that timeline began: later it can't become the primary's either. */
export function passed(primary: Lineage, told: Told): string | undefined {
  const others = [...primary.ancestors, { timeline: primary.timeline, until: primary.end }];
  const parent = told.ancestors.at(-1);
  const theirs = others.find((branch) => branch.timeline === parent?.timeline);
  return parent !== undefined && theirs !== undefined && theirs.until > parent.until ? notOf(primary, told) : undefined;
}

/** The name of the variable in which a server hands down to restore_command what its primary was when it started. */
export const primaryVariable = 'CFHA_PRIMARY';

/** `SYSTEM TIMELINE END`, and `TIMELINE@END` of each ancestor. */
export function lineText({ systemId, timeline, end, ancestors }: Lineage): string {
  const before = ancestors.map((branch) => `${branch.timeline}@${formatLsn(branch.until)}`);
  return [systemId, timeline, formatLsn(end), ...before].join(' ');
}

/** Reads such a text; undefined if it is none. */
export function readLine(text: string): Lineage | undefined {
  const [, systemId, id, at, rest = ''] = /^(\d{1,20}) (\d{1,10}) (\S+)((?: \d{1,10}@\S+)*)$/.exec(text) ?? [];
  const end = parseLsn(at ?? '');
  const ancestors = rest.trim().split(' ').filter(Boolean).map(readBranch);
  if (systemId === undefined || end === undefined || ancestors.includes(undefined)) return undefined;
  return { systemId, timeline: Number(id), end, ancestors: ancestors.flatMap((branch) => branch ?? []) };
}

function readBranch(text: string): Branch | undefined {
  const [id = '', at = ''] = text.split('@');
  const until = parseLsn(at);
  return until === undefined ? undefined : { timeline: Number(id), until };
}
