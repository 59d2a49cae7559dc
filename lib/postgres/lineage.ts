// Which timelines a server's data came through, and whether one server's WAL is a part of another's.
// https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES
import { UnreadableAnswer } from '../host/exec.ts';
import { parseLsn, type Lsn } from './lsn.ts';

/** A timeline, and where it was left for the next. */
export type Branch = { readonly timeline: number; readonly until: Lsn };

export type Lineage = {
  readonly systemId: string;
  readonly timeline: number;
  /** The end of the last record of WAL. */
  readonly end: Lsn;
  /** The timelines before it, the oldest first. */
  readonly ancestors: readonly Branch[];
};

export type Relation =
  /** All of it is in the other's WAL, as far as timelines and positions can tell. */
  | { readonly relation: 'within' }
  /** The last position both have, and on which timeline; all after it is not in the other's. */
  | { readonly relation: 'diverged'; readonly timeline: number; readonly fork: Lsn }
  /** Beyond the other's end on the same timeline. */
  | { readonly relation: 'ahead' }
  | { readonly relation: 'unrelated' };

/** Reads a history file: timeline, where it was left, why; `#` begins a comment (PostgreSQL: timeline.c, readTimeLineHistory). */
export function readHistory(text: string): readonly Branch[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return lines.reduce<Branch[]>((branches, line) => {
    const [id, at] = line.trim().split(/\s+/);
    const timeline = /^\d{1,10}$/.test(id ?? '') ? Number(id) : 0;
    const until = parseLsn(at ?? '');
    const last = branches.at(-1);
    if (timeline < 1 || until === undefined || (last !== undefined && !isAfter({ timeline, until }, last)))
      throw new UnreadableAnswer(`a timeline history has the line ${JSON.stringify(line.slice(0, 100))}`);
    return [...branches, { timeline, until }];
  }, []);
}

function isAfter(branch: Branch, before: Branch): boolean {
  return branch.timeline > before.timeline && branch.until >= before.until;
}

export function historyName(timeline: number): string {
  return `${hex(timeline)}.history`;
}

/** The file that a position of a timeline is in. */
export function segmentName(timeline: number, at: Lsn, segmentBytes: number): string {
  const number = at / BigInt(segmentBytes);
  const perLog = 0x100000000n / BigInt(segmentBytes);
  return `${hex(timeline)}${hex(number / perLog)}${hex(number % perLog)}`;
}

function hex(value: number | bigint): string {
  return value.toString(16).toUpperCase().padStart(8, '0');
}

export type Span = { readonly timeline: number; readonly from: Lsn; readonly to: Lsn };

/** The stretches of WAL that make up the whole. */
export function spans({ ancestors, timeline, end }: Lineage): readonly Span[] {
  return [...ancestors, { timeline, until: end }].map(({ timeline: id, until }, n) => ({
    timeline: id,
    from: ancestors[n - 1]?.until ?? 0n,
    to: until,
  }));
}

/** The timeline on which the WAL at a position is. */
export function timelineAt(lineage: Lineage, at: Lsn): number {
  return spans(lineage).find(({ from, to }) => from <= at && at < to)?.timeline ?? lineage.timeline;
}

/** The stretches after a position that the lineage has gone through. */
export function spansAfter(lineage: Lineage, fork: Lsn): readonly Span[] {
  return spans(lineage)
    .filter(({ to }) => to > fork)
    .map((span) => ({ ...span, from: span.from > fork ? span.from : fork }));
}

export function relate(local: Lineage, other: Lineage): Relation {
  const last = lastShared(local, other);
  return last === undefined ? { relation: 'unrelated' } : relateLast(last, last.ends);
}

/** The last stretch that both have, by timelines and positions. */
export function shared(local: Lineage, other: Lineage): Span | undefined {
  const last = lastShared(local, other);
  return last && { ...last.mine, to: last.mine.to < last.yours.to ? last.mine.to : last.yours.to };
}

type Last = { readonly mine: Span; readonly yours: Span; readonly ends: Ends };

/** The last stretch that both have begun. */
function lastShared(local: Lineage, other: Lineage): Last | undefined {
  const [ours, theirs] = [spans(local), spans(other)];
  const last = ours.findLastIndex((_, n) => ours.slice(0, n + 1).every((one, m) => isSame(one, theirs[m])));
  const [mine, yours] = [ours[last], theirs[last]];
  if (local.systemId !== other.systemId || mine === undefined || yours === undefined) return undefined;
  return { mine, yours, ends: { ours: last === ours.length - 1, theirs: last === theirs.length - 1 } };
}

type Ends = { readonly ours: boolean; readonly theirs: boolean };

/** By the last stretch that both have begun; `ends`: of whom it is the last one at all. */
function relateLast({ mine, yours }: { mine: Span; yours: Span }, ends: Ends): Relation {
  if (ends.ours && mine.to <= yours.to) return { relation: 'within' };
  // No rewind tells what happened to the other: it has lost what it had, or the timeline exists twice.
  if (ends.ours && ends.theirs) return { relation: 'ahead' };
  return { relation: 'diverged', timeline: mine.timeline, fork: mine.to < yours.to ? mine.to : yours.to };
}

function isSame(a: Span, b: Span | undefined): boolean {
  return a.timeline === b?.timeline && a.from === b.from;
}
