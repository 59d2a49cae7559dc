// Whether a server that runs as a primary is the region's primary: it is by a promotion that the cluster has recorded, not because it
// runs. docs/decisions/0013.
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import { peersOf } from '../call.ts';
import type { Context } from '../decision.ts';
import type { Reason } from '../reasons.ts';
import { isBlindProbe } from './alone.ts';
import { nodeOf, valueOf } from './attributes.ts';
import { historyOf, isOrdered, laterPromotion } from './history.ts';

/** Returns why a server that runs as a primary is not the region's; undefined: it is. */
export function unsanctioned(answer: InstanceAnswer, context: Context): Reason | undefined {
  const why = contradiction(answer, context);
  return why === undefined ? undefined : { code: 'ROGUE_PRIMARY', why };
}

function contradiction(answer: InstanceAnswer, context: Context): string | undefined {
  const { snapshot, call } = context;
  const later = laterPromotion(answer, context);
  if (later !== undefined) return `${later} was promoted after it`;
  return nodeOf(snapshot, call.node)?.role === 'Promoted' ? undefined : unrecorded(answer, context);
}

/** Of an instance that Pacemaker has not promoted: what is recorded has to speak for it. */
function unrecorded(answer: InstanceAnswer, context: Context): string | undefined {
  const promoted = promotedPeer(context);
  const isLatest = statusOf(context.call.node, context) === 'LATEST';
  if (promoted !== undefined && !(isLatest && statusOf(promoted, context) !== 'LATEST'))
    return `${promoted} is the primary`;
  const isKnown = isLatest || isInPromotion(context) || isNew(answer, context);
  return isKnown ? undefined : 'no promotion of it is recorded';
}

/** Returns why a probe cannot tell yet: a node that has just come up has its own copy of the records, and others may know more. */
export function blindness({ snapshot, call }: Context): Reason | undefined {
  return isBlindProbe(snapshot.cluster, call)
    ? { code: 'ROGUE_PRIMARY', why: 'without quorum a later promotion of another node may not be recorded here' }
    : undefined;
}

/** The promotion that has made it a primary is not recorded yet. The lock alone may be of an earlier one. */
function isInPromotion({ snapshot, call }: Context): boolean {
  return isOrdered(snapshot) && valueOf(snapshot, call, { node: call.node, key: 'promoting' }) !== undefined;
}

/** Returns the same for a server that cannot be asked: another node is promoted, and neither Pacemaker nor a record speaks for this one. */
export function outrankedBy(context: Context): Reason | undefined {
  const promoted = promotedPeer(context);
  const { snapshot, call } = context;
  const speaksFor = nodeOf(snapshot, call.node)?.role === 'Promoted' || statusOf(call.node, context) === 'LATEST';
  const isOut = call.probe && statusOf(call.node, context) !== undefined;
  if (isOut && !speaksFor) return { code: 'ROGUE_PRIMARY', why: 'no promotion of it is recorded' };
  return promoted === undefined || speaksFor ? undefined : { code: 'ROGUE_PRIMARY', why: `${promoted} is the primary` };
}

/** Returns the other node that Pacemaker has promoted. */
export function promotedPeer({ snapshot, call }: Context): string | undefined {
  return peersOf(call).find((peer) => nodeOf(snapshot, peer)?.role === 'Promoted');
}

function statusOf(node: string, { snapshot, call }: Context): string | undefined {
  return valueOf(snapshot, call, { node, key: 'dataStatus' });
}

/** Returns true where no promotion was ever recorded: then a primary that runs is taken over, as pgsql does. */
function isNew(answer: InstanceAnswer, context: Context): boolean {
  const { snapshot, call } = context;
  if (statusOf(call.node, context) !== undefined) return false;
  const isRecorded = (node: string): boolean => {
    const timeline = valueOf(snapshot, call, { node, key: 'timeline' });
    const isOwn = node === call.node && timeline === historyOf(answer);
    return statusOf(node, context) === 'LATEST' || (timeline !== undefined && !isOwn);
  };
  return !Object.keys(snapshot.cluster?.nodes ?? {}).some(isRecorded);
}
