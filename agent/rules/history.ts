// Which history a node's WAL belongs to: the timeline, which every promotion raises, and the system it is of.
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import type { Context } from '../decision.ts';
import type { Reason } from '../reasons.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { set, setOwn, valueOf } from './attributes.ts';

/** Timeline as 8 hexadecimal digits, so that text compares as numbers do, a hyphen, and the system identifier. */
export function historyOf({
  timeline,
  systemIdentifier,
}: Pick<InstanceAnswer, 'timeline' | 'systemIdentifier'>): string {
  return `${timeline.toString(16).toUpperCase().padStart(8, '0')}-${systemIdentifier}`;
}

export type History = { readonly timeline: string; readonly system: string };

/** The parts of such a text; undefined if it is none. */
export function readHistory(text: string | undefined): History | undefined {
  const [, timeline, system] = /^([0-9A-F]{8})-(\d+)$/.exec(text ?? '') ?? [];
  return timeline === undefined || system === undefined ? undefined : { timeline, system };
}

/** The content of PGSQL.lock on a node whose server was found to be a primary without a promotion; a promotion's is empty. */
export const rogueLock = 'no promotion\n';

/** Returns true if a promotion of this node came as far as the server: its lock is written when all proofs are there. */
export function isOrdered({ lock, rogueLock: isRogue }: Pick<Snapshot, 'lock' | 'rogueLock'>): boolean {
  return lock && isRogue !== true;
}

/** Returns true if a promotion of this node has begun, so that the timeline of its data may come of it. */
export function hasBegun({ snapshot, call }: Context): boolean {
  return isOrdered(snapshot) || valueOf(snapshot, call, { node: call.node, key: 'promoting' }) !== undefined;
}

type Recorded = History & { readonly node: string };

/** Returns the promotions that are recorded, of every node, whether it is there or not. */
function recordedPromotions({ snapshot, call }: Context): readonly Recorded[] {
  return Object.keys(snapshot.cluster?.nodes ?? {}).flatMap((node) => {
    const record = readHistory(valueOf(snapshot, call, { node, key: 'timeline' }));
    return record === undefined ? [] : [{ ...record, node }];
  });
}

/** Returns the recorded promotions to a later timeline of the same system than a history has. */
function laterRecords(history: string, context: Context): readonly Recorded[] {
  const mine = readHistory(history);
  return recordedPromotions(context).filter(
    ({ system, timeline }) => system === mine?.system && timeline > mine.timeline,
  );
}

/** Returns the node of the first of them; undefined: there is none. */
export function laterThan(history: string, context: Context): string | undefined {
  return laterRecords(history, context)[0]?.node;
}

/** Returns the same for what a server has answered. */
export function laterPromotion(answer: InstanceAnswer, context: Context): string | undefined {
  return laterThan(historyOf(answer), context);
}

/** Returns why this node may not be promoted, whatever its position: its history and the recorded promotions do not fit. */
export function strayed(answer: InstanceAnswer, context: Context): Reason | undefined {
  const mine = readHistory(historyOf(answer));
  if (mine === undefined) return undefined;
  for (const { node, system, timeline } of recordedPromotions(context)) {
    if (system !== mine.system)
      return { code: 'FOREIGN_SYSTEM', mine: mine.system, node, theirs: system, resource: context.call.resource };
    if (timeline > mine.timeline) return { code: 'BEHIND_TIMELINE', mine: mine.timeline, node, theirs: timeline };
  }
  return rogueTimeline(mine, context);
}

/** A promotion that the cluster has neither recorded nor begun: whether the others have more is not told by its number. */
function rogueTimeline(mine: History, context: Context): Reason | undefined {
  const { snapshot, call } = context;
  const highest = highestOf(recordedPromotions(context));
  // The last primary's own: pgsql promotes without a record of ours.
  const isLatest = valueOf(snapshot, call, { node: call.node, key: 'dataStatus' }) === 'LATEST';
  return highest === undefined || highest >= mine.timeline || isLatest || hasBegun(context)
    ? undefined
    : { code: 'ROGUE_TIMELINE', mine: mine.timeline, highest };
}

/**
 * Returns true if the data of this node may have what no promotion has made, though the server does not run or was not asked: it
 * was found so before, or it ran as a primary that no record accounts for, or the data are of a timeline beyond every record.
 */
export function isRogueData(context: Context): boolean {
  const { snapshot, call } = context;
  if (snapshot.lock) return snapshot.rogueLock === true;
  const own = valueOf(snapshot, call, { node: call.node, key: 'dataStatus' });
  const highest = highestOf(recordedPromotions(context));
  if (highest === undefined) return false;
  if (isBeyondRecords(context) && !hasBegun(context)) return true;
  return own !== undefined && own !== 'LATEST' && wasPrimary(snapshot);
}

/** Returns true if the data of a stopped server are of a later timeline than any recorded promotion. */
function isBeyondRecords(context: Context): boolean {
  const highest = highestOf(recordedPromotions(context));
  return highest !== undefined && parseInt(highest, 16) < (context.snapshot.walTimeline ?? 0);
}

/** Returns the step that records the timeline of a stopped server's data, where the cluster has begun it and no record tells. */
export function recordBeyond(context: Context): readonly Step[] {
  const { walTimeline: timeline } = context.snapshot;
  const systemIdentifier = recordedPromotions(context)[0]?.system;
  return timeline !== undefined && systemIdentifier !== undefined && isBeyondRecords(context) && hasBegun(context)
    ? recordTimeline(historyOf({ timeline, systemIdentifier }), context)
    : [];
}

/** Without standby.signal, which PostgreSQL removes at a promotion, and which a new base backup does not have yet. */
function wasPrimary({ standbySignal, freshBackup }: Snapshot): boolean {
  return !standbySignal && freshBackup !== true;
}

/** Returns the step that has the next start decided by evidence; none where data are no rogue's, or are marked already. */
export function markRogue(context: Context): readonly Step[] {
  return isRogueData(context) && !context.snapshot.lock
    ? [{ do: 'write file', file: 'PGSQL.lock', content: rogueLock }]
    : [];
}

function highestOf(recorded: readonly Recorded[]): string | undefined {
  return recorded
    .map(({ timeline }) => timeline)
    .toSorted()
    .at(-1);
}

/** Returns the step that records a promotion of this node, if no record is as late. */
export function recordTimeline(history: string, context: Context): readonly Step[] {
  const mine = readHistory(history);
  const isEarlier = ({ system, timeline }: Recorded) => system === mine?.system && timeline < mine.timeline;
  return recordedPromotions(context).every(isEarlier)
    ? setOwn(context.snapshot, context.call, { key: 'timeline', value: history, must: true })
    : [];
}

/** Returns the steps that delete records of later promotions: what was promoted then is given up, or proven to be here. */
export function forgetLater(answer: InstanceAnswer, context: Context): readonly Step[] {
  return laterRecords(historyOf(answer), context).flatMap(({ node }) =>
    set(context.snapshot, context.call, { node, key: 'timeline', value: undefined, must: true }),
  );
}

/**
 * Returns the step that records what Pacemaker's promoted node has not (pgsql has no such record): this standby streams from it, so
 * its timeline is the primary's.
 */
export function recordOfPrimary(
  answer: InstanceAnswer,
  primary: string | undefined,
  context: Context,
): readonly Step[] {
  if (primary === undefined) return [];
  const mine = readHistory(historyOf(answer));
  const highest = highestOf(recordedPromotions(context));
  const isNew = mine !== undefined && highest !== undefined && highest < mine.timeline;
  return isNew && answer.walReceiver
    ? set(context.snapshot, context.call, { node: primary, key: 'timeline', value: historyOf(answer) })
    : [];
}

/**
 * Returns the step that records a promotion of which only these data tell: the cluster had begun it here, and it ended before it
 * was recorded, or the record is lost. A node below it may not be promoted either, so a standby without a primary records it, even
 * one that itself is out.
 */
export function recordPromotion(answer: InstanceAnswer, context: Context): readonly Step[] {
  const mine = readHistory(historyOf(answer));
  const recorded = recordedPromotions(context);
  const isLater = ({ system, timeline }: Recorded) => system === mine?.system && timeline < mine.timeline;
  return recorded.length > 0 && recorded.every(isLater) && hasBegun(context)
    ? setOwn(context.snapshot, context.call, { key: 'timeline', value: historyOf(answer) })
    : [];
}
