// What a node has of the WAL, as far as it has published that, and what a promotion of it would lose. Pure.
import { isEligible } from '../../agent/rules/records.ts';
import { readLineage } from '../../agent/rules/completeness.ts';
import { readHistory } from '../../agent/rules/history.ts';
import { relate, type Lineage } from '../../lib/postgres/lineage.ts';
import { formatLsn } from '../../lib/postgres/lsn.ts';
import { readAgentParameters } from './agent-parameters.ts';
import { valueOf, type NodeView, type View } from './view.ts';

/** `timeline`: 8 hexadecimal digits. */
type Standing = { readonly position: bigint; readonly timeline: string | undefined };

/** Returns the furthest position that the node has published, as a standby without a primary or when it handed over. */
export function readStanding(view: View, node: NodeView): Standing | undefined {
  const [received, handedOver] = [readPosition(valueOf(view, node, 'xlogLoc')), readPosition(valueOf(view, node, 'handover'))];
  const timelines = [timelineIn(valueOf(view, node, 'history')), handedOver === undefined ? undefined : timelineIn(valueOf(view, node, 'timeline'))];
  const [timeline] = timelines.filter((one) => one !== undefined).toSorted().reverse();
  const positions = [received, handedOver].filter((one) => one !== undefined);
  if (positions.length === 0) return undefined;
  return { position: positions.reduce((a, b) => (a > b ? a : b)), timeline };
} // prettier-ignore

function readPosition(text: string | undefined): bigint | undefined {
  return /^[0-9A-F]{16}$/.test(text ?? '') ? BigInt(`0x${text ?? ''}`) : undefined;
}

function timelineIn(text: string | undefined): string | undefined {
  return readHistory(text)?.timeline;
}

/** True if by its record the node has every commit that was acknowledged. */
export function hasGoodRecord(view: View, node: NodeView | undefined): boolean {
  return isEligible(valueOf(view, node, 'dataStatus'), { parameters: readAgentParameters(view) });
}

/** Returns what others have, or may have, and this node has not: a sentence for each node. */
export function losses(view: View, node: NodeView): readonly string[] {
  const own = readStanding(view, node);
  return view.nodes.filter((other) => other !== node).flatMap((other) => lossBeside(view, other, { node, own }));
}

type Target = { readonly node: NodeView; readonly own: Standing | undefined };

function lossBeside(view: View, other: NodeView, { node, own }: Target): readonly string[] {
  // What a primary recorded of both decides: it went on with this one, and without the other.
  if (hasGoodRecord(view, node) && !hasGoodRecord(view, other)) return [];
  if (!other.online) return [`${other.name} is not here, and what it has is unknown`];
  const [mine, his] = [node, other].map((one) => readLineage(valueOf(view, one, 'lineage')));
  if (mine !== undefined && his !== undefined) return lossByLineage(other.name, his.lineage, mine.lineage);
  return lossByPosition(view, other, { node, own });
}

function lossByPosition(view: View, other: NodeView, { node, own }: Target): readonly string[] {
  const theirs = readStanding(view, other);
  if (theirs === undefined) return other.role === undefined ? [unknownText(view, other)] : [];
  if (own === undefined)
    return [`${other.name} has WAL up to ${formatLsn(theirs.position)}; ${node.name} has published nothing`];
  return moreText(other, theirs, own);
}

/** With all their timelines it is known where two histories parted. */
function lossByLineage(name: string, theirs: Lineage, own: Lineage): readonly string[] {
  const found = relate(theirs, own);
  const after = (from: bigint) => [`${(theirs.end - from).toString()} bytes of ${name} after ${formatLsn(from)}`];
  if (found.relation === 'within') return [];
  if (found.relation === 'unrelated') return [`all of ${name}, whose data have no timeline in common with these`];
  return after(found.relation === 'ahead' ? own.end : found.fork);
}

function unknownText(view: View, { name, attributes }: NodeView): string {
  return `PostgreSQL does not run on ${name}, and it has published nothing${attributes[`${view.resource}-data-status`] === 'LATEST' ? ': it was the last primary' : ''}`;
}

/** Timelines first: on different ones, no position is compared with another. */
function moreText({ name }: NodeView, theirs: Standing, own: Standing): readonly string[] {
  if (theirs.timeline !== undefined && own.timeline !== undefined && theirs.timeline !== own.timeline)
    return [
      `what ${name} wrote on timeline ${number(theirs.timeline)} after it parted from timeline ${number(own.timeline)}, up to ${formatLsn(theirs.position)}`,
    ];
  const bytes = theirs.position - own.position;
  return bytes > 0n ? [`${bytes.toString()} bytes of ${name} after ${formatLsn(own.position)}`] : [];
}

function number(timeline: string): string {
  return parseInt(timeline, 16).toString();
}

/** Returns a sentence for each node that could be promoted: what that would lose. */
export function choices(view: View): readonly string[] {
  return view.nodes
    .filter(({ online, role }) => online && role === 'Unpromoted')
    .map((node) => `${node.name}: ${lossesText(losses(view, node))}`);
}

export function lossesText(lost: readonly string[]): string {
  return lost.length === 0 ? 'by what is published, nothing' : `lost: ${lost.join('; ')}`;
}
