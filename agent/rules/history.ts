// Which history a node's WAL belongs to: the timeline, which every promotion raises, and the system it is of.
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import type { Call } from '../call.ts';
import type { Reason } from '../reasons.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { setOwn, valueOf } from './attributes.ts';

/** Timeline as 8 hexadecimal digits, so that text compares as numbers do, a hyphen, and the system identifier. */
export function historyOf({ timeline, systemIdentifier }: InstanceAnswer): string {
  return `${timeline.toString(16).toUpperCase().padStart(8, '0')}-${systemIdentifier}`;
}

type History = { readonly timeline: string; readonly system: string };

/** The parts of such a text; undefined if it is none. */
export function readHistory(text: string | undefined): History | undefined {
  const [, timeline, system] = /^([0-9A-F]{8})-(\d+)$/.exec(text ?? '') ?? [];
  return timeline === undefined || system === undefined ? undefined : { timeline, system };
}

/** Why this node may not be promoted, whatever its position: what was promoted before is not in its history. */
export function strayed(answer: InstanceAnswer, snapshot: Snapshot, call: Call): Reason | undefined {
  const mine = readHistory(historyOf(answer));
  for (const node of Object.keys(snapshot.cluster?.nodes ?? {})) {
    const promoted = readHistory(valueOf(snapshot, call, { node, key: 'timeline' }));
    if (promoted === undefined || mine === undefined) continue;
    if (promoted.system !== mine.system)
      return { code: 'FOREIGN_SYSTEM', mine: mine.system, node, theirs: promoted.system, resource: call.resource };
    if (promoted.timeline > mine.timeline)
      return { code: 'BEHIND_TIMELINE', mine: mine.timeline, node, theirs: promoted.timeline };
  }
  return undefined;
}

/**
 * A promotion of which only these data tell: it ended before it was recorded, or the record is lost. Nobody below it may be
 * promoted either, so a standby without a primary records it, even one that itself is out.
 */
export function recordPromotion(answer: InstanceAnswer, snapshot: Snapshot, call: Call): readonly Step[] {
  const [timeline, system] = historyOf(answer).split('-');
  const recorded = Object.keys(snapshot.cluster?.nodes ?? {}).flatMap(
    (node) => readHistory(valueOf(snapshot, call, { node, key: 'timeline' })) ?? [],
  );
  const isLater = (record: History) => record.system === system && record.timeline < (timeline ?? '');
  return recorded.length > 0 && recorded.every(isLater)
    ? setOwn(snapshot, call, { key: 'timeline', value: historyOf(answer) })
    : [];
}
