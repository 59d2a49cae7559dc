// What the files in pg_wal tell: the timeline of a stopped server, and what is compared where records allow no promotion.
import { join } from 'node:path';
import { namesIn, readText } from '../lib/host/disk.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { historyName, readHistory, type Lineage } from '../lib/postgres/lineage.ts';
import { laterLsn } from '../lib/postgres/lsn.ts';
import type { InstanceAnswer } from '../lib/postgres/queries.ts';
import { newestTimeline } from '../lib/postgres/wal-files.ts';
import { sumBefore } from '../lib/postgres/wal-sum.ts';
import { replicates, type Call } from './call.ts';
import { publishedBy, wantsComparison } from './rules/completeness.ts';
import { wantsTimeline } from './rules/intent.ts';
import type { Site } from './site.ts';
import { answerOf, type Comparison, type Snapshot } from './snapshot.ts';

/** Returns the snapshot with what the WAL files tell, where a promotion may have failed, or where records allow none. */
export function withOwnWal({ action, call }: Pick<Site, 'action' | 'call'>, snapshot: Snapshot): Snapshot {
  if (!replicates(call)) return snapshot;
  if (wantsTimeline(action, { snapshot, call }))
    return { ...snapshot, walTimeline: newestTimeline(namesIn(join(call.parameters.pgdata, 'pg_wal'))) };
  return wantsComparison(action, { snapshot, call })
    ? { ...snapshot, comparison: compareLineages(snapshot, call) }
    : snapshot;
}

/** Returns the comparison; undefined if the history of this node's timeline is not in pg_wal, or no position is known. */
function compareLineages(snapshot: Snapshot, call: Call): Comparison | undefined {
  const { pgdata } = call.parameters;
  const answer = answerOf(snapshot);
  const lineage = answer === undefined ? undefined : lineageOf(answer, pgdata);
  if (lineage === undefined) return undefined;
  const sums = Object.entries(publishedBy({ snapshot, call })).map(([node, other]) => [
    node,
    sumBefore(pgdata, lineage, other.lineage.end),
  ]);
  return {
    lineage,
    sum: sumBefore(pgdata, lineage, lineage.end),
    sums: Object.fromEntries(sums) as Comparison['sums'],
  };
}

function lineageOf(answer: InstanceAnswer, data: string): Lineage | undefined {
  const { timeline, systemIdentifier: systemId } = answer;
  const end = laterLsn(answer.received, answer.replayed);
  const ancestors = timeline === 1 ? [] : ancestorsOf(timeline, data);
  return end === undefined || ancestors === undefined ? undefined : { systemId, timeline, end, ancestors };
}

function ancestorsOf(timeline: number, data: string): Lineage['ancestors'] | undefined {
  try {
    const ancestors = readHistory(readText(join(data, 'pg_wal', historyName(timeline))) ?? '');
    return ancestors.length === 0 ? undefined : ancestors;
  } catch (error) {
    if (error instanceof UnreadableAnswer) return undefined;
    throw error;
  }
}
