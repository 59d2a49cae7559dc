// Why the start of a former primary was refused, as its agent has recorded it. Pure.
import { unknownFork } from '../../agent/rules/lock.ts';
import { nameOf, valueOf, type NodeView, type View } from './view.ts';

type Diverged = Readonly<Record<'bytes' | 'timeline' | 'from' | 'to', string>> & {
  /** False if `from` is only the earliest point that is possible: then `bytes` is an upper limit. */
  readonly isPointKnown: boolean;
};

/** What has diverged on a node; undefined: nothing that is recorded. */
export function readDiverged(view: View, node: NodeView | undefined): Diverged | undefined {
  const text = valueOf(view, node, 'evidence') ?? '';
  const [, bytes, timeline, from, to, more] = /^diverged (\d+) (\d+) (\S+) (\S+)(?: (\S+))?$/.exec(text) ?? [];
  if (bytes === undefined || timeline === undefined || from === undefined || to === undefined) return undefined;
  return { bytes, timeline, from, to, isPointKnown: more !== unknownFork };
}

/** What is given up, as far as it has been found out. */
export function lossText(view: View, node: NodeView | undefined): readonly string[] {
  const found = readDiverged(view, node);
  if (found === undefined) return [];
  const { bytes, timeline, from, to, isPointKnown } = found;
  const what = isPointKnown
    ? `${bytes} bytes of WAL that only ${nameOf(node)} has (timeline ${timeline}, ${from} to ${to})`
    : `WAL that only ${nameOf(node)} has, up to ${to} on timeline ${timeline}: from where on is unknown, since both nodes wrote on that timeline (restart_on_promote=true does so); at most ${bytes} bytes, from ${from}`;
  return [
    `lost: ${what}; they are kept there in ${view.parameters['tmpdir'] ?? 'tmpdir'}/kept, with a list of their transactions`,
  ];
}
