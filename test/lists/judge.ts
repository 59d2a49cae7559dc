// What clients have seen of lists that are only ever appended to, and what of it contradicts the lists as they are at the end. Pure.
// Every place (the virtual address, each node's own) has a list, and one writer that appends 1, 2, 3, … to it.
import { spansOf } from '../../verify/measure/writable.ts';

/** Failed: the server has said that nothing was written. Uncertain: nobody has said anything. */
export type Outcome = 'acknowledged' | 'failed' | 'uncertain';
export type Append = Readonly<{ place: string; value: number; outcome: Outcome; atMs: number }>;
/** A list as it was read; `at` is the address that was asked. */
export type Read = Readonly<{ at: string; place: string; list: readonly number[] }>;
export type Lists = ReadonlyMap<string, readonly number[]>;
export type History = Readonly<{ appends: readonly Append[]; reads: readonly Read[]; final: Lists }>;

export type ListsReport = Readonly<{
  acknowledged: number;
  failed: number;
  uncertain: number;
  reads: number;
  /** Values that were acknowledged and are not there. */
  lost: number;
  /** Values that are there more than once. */
  duplicated: number;
  /** Values that stand before one that was appended earlier, or stood elsewhere when they were read. */
  reordered: number;
  /** Values that somebody read and that are not there. */
  vanished: number;
  /** Values of which the server said that they were not written, and that are there. */
  cameBack: number;
  /** How long more than one of the nodes' own addresses took writes, in ms. */
  twoWritableMs: number;
}>;

export function judgeLists({ appends, reads, final }: History): ListsReport {
  const there = new Set([...final].flatMap(([place, list]) => list.map((value) => id(place, value))));
  const ended = (outcome: Outcome) => appends.filter((one) => one.outcome === outcome);
  const present = ({ place, value }: Append) => there.has(id(place, value));
  return {
    acknowledged: ended('acknowledged').length,
    failed: ended('failed').length,
    uncertain: ended('uncertain').length,
    reads: reads.length,
    lost: ended('acknowledged').filter((one) => !present(one)).length,
    cameBack: ended('failed').filter(present).length,
    duplicated: sum([...final.values()].map((list) => list.length - new Set(list).size)),
    reordered:
      sum([...final.values()].map(inversions)) +
      distinct(reads.flatMap((one) => moved(one, final.get(one.place) ?? []))),
    vanished: distinct(reads.flatMap(({ place, list }) => list.map((value) => id(place, value)).filter((one) => !there.has(one)))),
    twoWritableMs: Math.round(twoWritable(appends)),
  };
} // prettier-ignore

const id = (place: string, value: number): string => `${place} ${String(value)}`;
const distinct = (values: readonly string[]): number => new Set(values).size;
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

function inversions(list: readonly number[]): number {
  return list.filter((value, i) => value < (list[i - 1] ?? value)).length;
}

/** What stands elsewhere than it was read: a list that is only appended to begins with all that was ever read of it. */
function moved({ place, list }: Read, final: readonly number[]): string[] {
  const there = new Set(final);
  return list.filter((value, i) => final[i] !== value && there.has(value)).map((value) => id(place, value));
}

/** By the acknowledged appends at the nodes' own addresses: a node takes writes from one to the next, up to a silence of 2 s. */
function twoWritable(appends: readonly Append[]): number {
  const spans = spansOf(
    appends
      .filter(({ outcome, place }) => outcome === 'acknowledged' && place !== virtual)
      .map(({ place, atMs }) => ({ node: place, atMs, writable: true })),
  );
  const pairs = spans.flatMap((a, i) => spans.slice(i + 1).flatMap((b) => (a.node === b.node ? [] : [[a, b] as const])));
  return sum(pairs.map(([a, b]) => Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs))));
} // prettier-ignore

/** The place that is wherever the primary is. */
export const virtual = 'vip';

export function listsText(report: ListsReport): string {
  return `lists: ${Object.entries(report).map(([name, value]) => `${name} ${String(value)}`).join(', ')}`;
} // prettier-ignore

/** What must not be, whatever happened; one line each. */
export function contradictions(report: ListsReport): readonly string[] {
  const never = ['lost', 'duplicated', 'reordered', 'vanished', 'cameBack', 'twoWritableMs'] as const;
  const wrong = never.filter((name) => report[name] > 0).map((name) => `lists: ${name} ${String(report[name])}`);
  return report.acknowledged > 0 && report.reads > 0 ? wrong : [...wrong, 'lists: nothing was written, or nothing read'];
} // prettier-ignore
