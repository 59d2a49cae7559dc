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
      /** The last position that both have. */
      readonly fork: string;
      readonly end: string;
      /** What only this node has. */
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
  const { relation } = relate(local, primary);
  const both = shared(local, primary);
  if (both === undefined)
    return local.systemId === primary.systemId
      ? { verdict: 'unknown', because: 'the two have no timeline in common' }
      : { verdict: 'foreign system', local: local.systemId, primary: primary.systemId };
  // The timeline exists twice: at the latest, it began to differ where it began.
  if (bytes === 'other') return diverged({ local, primary }, both.from, false);
  // pg_rewind takes one timeline number for one timeline: it would find nothing to do.
  const rewindable = relation === 'diverged' && local.timeline !== primary.timeline;
  return relation === 'within'
    ? same({ local, primary }, bytes, restarts)
    : diverged({ local, primary }, both.to, rewindable);
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

function diverged({ local, primary }: Pair, fork: Lsn, rewindable: boolean): Evidence {
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
    rewindable,
  };
}

/** The name of what is kept of it: one place has one. */
export function keptName({ timeline, fork }: { readonly timeline: number; readonly fork: string }): string {
  return `${timeline}-${fork.replace('/', '_')}`;
}

/** For programs, as the attribute `evidence` has it; undefined where there is nothing to decide for a person. */
export function recordOf(evidence: Evidence): string | undefined {
  switch (evidence.verdict) {
    case 'diverged':
      return `diverged ${evidence.bytes} ${evidence.timeline} ${evidence.fork} ${evidence.end}`;
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
      return `${evidence.bytes} bytes of WAL are here only: timeline ${evidence.timeline}, ${evidence.fork} to ${evidence.end}; the primary is on ${evidence.primary}`;
    case 'foreign system':
      return `the data directory is of system ${evidence.local}, the primary of system ${evidence.primary}`;
    case 'no primary':
      return `there is no primary: ${evidence.because}`;
    case 'unknown':
      return evidence.because;
  }
}
