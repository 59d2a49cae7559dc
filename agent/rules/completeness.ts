// Where records allow no promotion, the data decide: with all members here as standbys, one that has the WAL of all the others, byte
// for byte, loses nothing if it is promoted, whatever is recorded of it. docs/decisions/0013.
import { relate, type Branch } from '../../lib/postgres/lineage.ts';
import { formatLsn, lsnDigits } from '../../lib/postgres/lsn.ts';
import { peersOf } from '../call.ts';
import type { Context } from '../decision.ts';
import { answerOf, type Comparison, type Published } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { nodeOf, setOwn, valueOf } from './attributes.ts';
import { historyOf, readHistory as readTimeline, strayed, type History } from './history.ts';
import { isEligible } from './records.ts';

/** Returns true if the lineages of all members have to be compared: all are standbys without a primary, and one is out. */
export function wantsComparison(action: string, context: Context): boolean {
  const { call } = context;
  const isWatched = (action === 'monitor' && !call.probe) || action === 'promote';
  return isWatched && isAlone(context) && peersOf(call).every((peer) => isStandby(peer, context)) && isDoubted(context);
}

/** A standby that follows nothing. */
function isAlone({ snapshot, call }: Context): boolean {
  const answer = answerOf(snapshot);
  return answer?.inRecovery === true && !answer.walReceiver && peersOf(call).length > 0;
}

function isStandby(peer: string, { snapshot }: Context): boolean {
  const node = nodeOf(snapshot, peer);
  return node?.online === true && node.role === 'Unpromoted';
}

/** A record speaks against a member, or another one has asked already. */
function isDoubted(context: Context): boolean {
  const { snapshot, call } = context;
  const answer = answerOf(snapshot);
  const isOut = (node: string): boolean => !isEligible(valueOf(snapshot, call, { node, key: 'dataStatus' }), call);
  const hasAsked = (node: string): boolean => valueOf(snapshot, call, { node, key: 'lineage' }) !== undefined;
  return (
    call.members.some(isOut) ||
    peersOf(call).some(hasAsked) ||
    (answer !== undefined && strayed(answer, context) !== undefined)
  );
}

/** Returns the text of the attribute. */
export function lineageText({ lineage, sum }: Published): string {
  const { timeline, systemId, end, ancestors } = lineage;
  const earlier = ancestors.map((branch) => `${branch.timeline}:${lsnDigits(branch.until)}`).join(',');
  return `${historyOf({ timeline, systemIdentifier: systemId })} ${lsnDigits(end)} ${sum ?? '-'} ${earlier === '' ? '-' : earlier}`;
}

const lineageForm = /^(?<id>[0-9A-F]{8}-\d+) (?<end>[0-9A-F]{16}) (?<sum>[0-9a-f]+|-) (?<earlier>\S+)$/;

type Parts = Readonly<Record<'id' | 'end' | 'sum' | 'earlier', string>>;

/** Returns what such a text tells; undefined if it is none. */
export function readLineage(text: string | undefined): Published | undefined {
  const parts = lineageForm.exec(text ?? '')?.groups as Parts | undefined;
  const history = readTimeline(parts?.id);
  return parts === undefined || history === undefined ? undefined : published(parts, history);
}

function published({ end, sum, earlier }: Parts, { timeline: id, system: systemId }: History): Published | undefined {
  const ancestors = earlier === '-' ? [] : earlier.split(',').map(readBranch);
  if (!isWhole(ancestors)) return undefined;
  const lineage = { systemId, timeline: parseInt(id, 16), end: BigInt(`0x${end}`), ancestors };
  return { lineage, sum: sum === '-' ? undefined : sum };
}

function isWhole(branches: readonly (Branch | undefined)[]): branches is readonly Branch[] {
  return !branches.includes(undefined);
}

function readBranch(text: string): Branch | undefined {
  const [, timeline, until] = /^(\d{1,10}):([0-9A-F]{16})$/.exec(text) ?? [];
  return timeline === undefined || until === undefined
    ? undefined
    : { timeline: Number(timeline), until: BigInt(`0x${until}`) };
}

/** Returns what the other nodes have published, by node. */
export function publishedBy({ snapshot, call }: Context): Readonly<Record<string, Published>> {
  const found = peersOf(call).flatMap((node): [string, Published][] => {
    const published = readLineage(valueOf(snapshot, call, { node, key: 'lineage' }));
    return published === undefined ? [] : [[node, published]];
  });
  return Object.fromEntries(found);
}

/** Returns the step that publishes this node's lineage, or takes it back. */
export function publishLineage({ snapshot, call }: Context): readonly Step[] {
  const { comparison } = snapshot;
  return setOwn(snapshot, call, { key: 'lineage', value: comparison && lineageText(comparison) });
}

/** Returns what a promotion of this node would lose, by node; undefined: not all nodes have been compared. */
export function losses(context: Context): readonly string[] | undefined {
  const { comparison } = context.snapshot;
  const others = Object.entries(publishedBy(context));
  if (comparison === undefined || others.length < peersOf(context.call).length) return undefined;
  return others.flatMap(([node, other]) => {
    const loss = lossBeside(node, other, comparison);
    return loss === undefined ? [] : [loss];
  });
}

/** Returns true if every member has been compared, and this node has all that any of them has. */
export function isComplete(context: Context): boolean {
  return losses(context)?.length === 0;
}

function lossBeside(node: string, { lineage: other, sum }: Published, comparison: Comparison): string | undefined {
  const own = comparison.lineage;
  const found = relate(other, own);
  const bytesAfter = (from: bigint): string => `${other.end - from} bytes of ${node} after ${formatLsn(from)}`;
  switch (found.relation) {
    case 'unrelated':
      return `all of ${node}, whose data have no timeline in common with these`;
    case 'ahead':
      return bytesAfter(own.end);
    case 'diverged':
      return bytesAfter(found.fork);
    case 'within':
      if (sum !== undefined && comparison.sums[node] === sum) return undefined;
      return `what ${node} wrote, from a point before ${formatLsn(other.end)} that is unknown: its WAL is not the same as here, or not there to compare`;
  }
}
