// Whether the data of this node are a part of the primary's: from the two lineages, purely. docs/decisions/0007.
import { relate, segmentName, shared, spansAfter, type Lineage } from '../../lib/postgres/lineage.ts';
import { formatLsn, type Lsn } from '../../lib/postgres/lsn.ts';

/** Where local WAL was laid beside the primary's, byte by byte. */
export type Bytes = 'same' | 'other' | 'not there';

export type Evidence =
  | {
      readonly verdict: 'same history';
      readonly timeline: number;
      readonly end: string;
      readonly primary: string;
      /** False if the primary no longer has the WAL to compare with. */
      readonly bytes: boolean;
      /** In the primary's words, if it no longer has the WAL that this server would ask for first. */
      readonly walGone?: string | undefined;
    }
  | {
      readonly verdict: 'diverged';
      readonly timeline: number;
      /** The last position that both have; if that is unknown, where it can be at the earliest. */
      readonly fork: string;
      /** Why it is unknown; undefined: it is not. */
      readonly forkUnknown?: string;
      readonly end: string;
      /** From there to the end. */
      readonly bytes: string;
      readonly systemId: string;
      readonly primary: string;
      readonly primaryTimeline: number;
      /** False if no rewind can tell what differs. */
      readonly rewindable: boolean;
      /** True if it was not shut down: then recovery comes first, and writes a new end. */
      readonly crashed?: boolean;
    }
  | { readonly verdict: 'foreign system'; readonly local: string; readonly primary: string }
  | { readonly verdict: 'no primary'; readonly because: string }
  /** `sameSystem`: it is at least known that both are of one system. `passing`: asked again, it may be known. */
  | { readonly verdict: 'unknown'; readonly because: string; readonly sameSystem?: boolean; readonly passing?: true };

export type Other = { readonly answers: Lineage; readonly inRecovery: boolean } | { readonly silent: string };

/** What was found out before bytes are compared. */
export type Sides = { readonly local: Lineage; readonly other: Other };

/** A timeline on which nothing was written is none: where it was left, its parent ends. */
export function withoutEmptyEnd(lineage: Lineage): Lineage {
  const parent = lineage.ancestors.at(-1);
  if (parent === undefined || parent.until < lineage.end) return lineage;
  return withoutEmptyEnd({ ...lineage, timeline: parent.timeline, ancestors: lineage.ancestors.slice(0, -1) });
}

/**
 * Which stretch of the primary's WAL has to be the same as ours, if timelines and positions are to be believed. `written`: the
 * end of what pg_wal holds; after a rewind or a base backup the data need more than that.
 */
export function stretchToCompare(
  { local, other }: Sides,
  { written, segmentBytes }: { readonly written: Lsn; readonly segmentBytes: number },
): Stretch | undefined {
  const both = 'answers' in other && !other.inRecovery ? shared(local, other.answers) : undefined;
  if (both === undefined) return undefined;
  const to = written < both.to ? written : both.to;
  if (to <= both.from) return undefined;
  const begin = to - 1n - ((to - 1n) % BigInt(segmentBytes));
  const file = segmentName(both.timeline, begin, segmentBytes);
  return { file, begin, from: both.from > begin ? both.from : begin, to };
}

export type Stretch = { readonly file: string; readonly begin: Lsn; readonly from: Lsn; readonly to: Lsn };

/** `restarts`: the primary was promoted by a restart, which keeps the timeline; then timelines prove nothing. */
export function judgeEvidence({ local, other }: Sides, bytes: Bytes, restarts: boolean): Evidence {
  if ('silent' in other) return { verdict: 'no primary', because: other.silent };
  if (other.inRecovery) return { verdict: 'no primary', because: 'who answers at master_ip is a standby' };
  const primary = other.answers;
  const both = shared(local, primary);
  if (both !== undefined) return judgeShared({ local, primary }, both, { bytes, restarts });
  return local.systemId === primary.systemId
    ? { verdict: 'unknown', because: 'the two have no timeline in common' }
    : { verdict: 'foreign system', local: local.systemId, primary: primary.systemId };
}

type Shared = NonNullable<ReturnType<typeof shared>>;

function judgeShared(pair: Pair, both: Shared, { bytes, restarts }: { bytes: Bytes; restarts: boolean }): Evidence {
  const { relation } = relate(pair.local, pair.primary);
  const isUnproven = bytes === 'not there' && restarts && relation !== 'within';
  // The timeline exists twice: at the earliest, it began to differ where it began.
  if (bytes === 'other' || isUnproven)
    return diverged(pair, { fork: both.from, forkUnknown: whyUnknown(both.timeline, restarts), rewindable: false });
  // pg_rewind takes one timeline number for one timeline: it would find nothing to do.
  const rewindable = relation === 'diverged' && pair.local.timeline !== pair.primary.timeline;
  return relation === 'within' ? same(pair, bytes, restarts) : diverged(pair, { fork: both.to, rewindable });
}

function whyUnknown(timeline: number, restarts: boolean): string {
  return restarts
    ? `restart_on_promote=true begins no new timeline`
    : `two servers have written a timeline ${timeline}`;
}

type Pair = { readonly local: Lineage; readonly primary: Lineage };

function same({ local, primary }: Pair, bytes: Bytes, restarts: boolean): Evidence {
  if (bytes !== 'same' && restarts)
    return {
      verdict: 'unknown',
      because: 'restart_on_promote keeps the timeline, and the primary no longer has the WAL to compare with',
    };
  return {
    verdict: 'same history',
    timeline: local.timeline,
    end: formatLsn(local.end),
    primary: `timeline ${primary.timeline} at ${formatLsn(primary.end)}`,
    bytes: bytes === 'same',
  };
}

type Parted = { readonly fork: Lsn; readonly forkUnknown?: string; readonly rewindable: boolean };

function diverged({ local, primary }: Pair, { fork, ...parted }: Parted): Evidence {
  const first = spansAfter(local, fork)[0];
  return {
    verdict: 'diverged',
    timeline: first?.timeline ?? local.timeline,
    fork: formatLsn(fork),
    end: formatLsn(local.end),
    bytes: `${local.end - fork}`,
    systemId: local.systemId,
    primary: `timeline ${primary.timeline} at ${formatLsn(primary.end)}`,
    primaryTimeline: primary.timeline,
    ...parted,
  };
}

/** The name of what is kept of it: one place has one. */
export function keptName({ timeline, fork }: { readonly timeline: number; readonly fork: string }): string {
  return `${timeline}-${fork.replace('/', '_')}`;
}

/** The last word of the attribute `evidence` where the point is unknown: the numbers are then an upper limit. */
export const unknownFork = 'fork-unknown';

/** What is here and not there, in words. */
export function onlyHere({ bytes, timeline, fork, end, forkUnknown }: Diverged): string {
  return forkUnknown === undefined
    ? `${bytes} bytes of WAL are here only (timeline ${timeline}, ${fork} to ${end})`
    : `WAL is here only, from an unknown point of timeline ${timeline} (${forkUnknown}) to ${end}`;
}

type Diverged = Extract<Evidence, { verdict: 'diverged' }>;

/** For programs, as the attribute `evidence` has it; undefined where there is nothing to decide for a person. */
export function recordOf(evidence: Evidence): string | undefined {
  switch (evidence.verdict) {
    case 'diverged':
      return `diverged ${evidence.bytes} ${evidence.timeline} ${evidence.fork} ${evidence.end}${evidence.forkUnknown === undefined ? '' : ` ${unknownFork}`}`;
    case 'foreign system':
      return `foreign ${evidence.local} ${evidence.primary}`;
    case 'unknown':
    case 'no primary':
      return `unknown ${inWords(evidence)}`;
    case 'same history':
      return undefined;
  }
}

/** The evidence in one sentence, for the log. */
export function inWords(evidence: Evidence): string {
  switch (evidence.verdict) {
    case 'same history':
      return `the WAL here ends at ${evidence.end} on timeline ${evidence.timeline}, and the primary (${evidence.primary}) has all of it${evidence.bytes ? ', byte for byte' : ''}`;
    case 'diverged':
      return `${onlyHere(evidence)}; the primary is on ${evidence.primary}`;
    case 'foreign system':
      return `the data directory is of system ${evidence.local}, the primary of system ${evidence.primary}`;
    case 'no primary':
      return `there is no primary: ${evidence.because}`;
    case 'unknown':
      return evidence.because;
  }
}
