// Regions as verbs see them, made of data; and a cluster that answers a verb's commands.
import type { Move, Progress, Verb } from '../../../../cli/region/verb.ts';
import type { NodeView, View } from '../../../../cli/region/view.ts';

type Changes = Partial<Omit<NodeView, 'attributes'>> & { readonly attributes?: Readonly<Record<string, string>> };

export function aNodeView(name: string, changes: Changes = {}): NodeView {
  return {
    name,
    online: true,
    standby: false,
    role: 'Unpromoted',
    attributes: {},
    failures: 0,
    reason: undefined,
    failing: false,
    failedAt: undefined,
    underWay: undefined,
    ...changes,
  };
}

export const primary = (name: string, changes: Changes = {}): NodeView =>
  aNodeView(name, { role: 'Promoted', attributes: { 'pg-status': 'PRI', 'pg-data-status': 'LATEST' }, ...changes });

export const standby = (name: string, changes: Changes = {}): NodeView =>
  aNodeView(name, { attributes: { 'pg-status': 'HS:async', 'pg-data-status': 'STREAMING|ASYNC' }, ...changes });

/** db1 is the primary, db2 its standby, all is well. */
export function aView(changes: Partial<View> = {}): View {
  return {
    ...{
      resource: 'pg',
      clone: 'pg-clone',
      parameters: { demote_to: 'standby' },
      meta: {},
      quorate: true,
      maintenance: false,
    },
    nodes: [primary('db1'), standby('db2')],
    ...{ stonith: true, devices: [{ id: 'fencing', failed: false }], bans: [] },
    vip: { id: 'vip', address: '10.77.0.100', on: 'db1' },
    ...changes,
  };
}

/** Plays a verb: `act` is what the cluster does with a command, `time` what it does while it is waited for. */
export function play(
  verb: Verb,
  before: View,
  { act, time = (view) => view, stopAfter = Infinity }: World,
): { marks: string[]; end: Extract<Move, { move: 'end' }> | undefined } {
  const marks: string[] = [];
  let view = before;
  let progress: Progress = { before, done: [], sinceMs: 0, quietMs: 0, nowMs: 1_700_000_000_000, stopping: false };
  let news = '';
  for (let turn = 0; turn < 1000; turn++) {
    const move = verb.next(view, { ...progress, stopping: turn >= stopAfter });
    if (move.move === 'end') return { marks, end: move };
    if (move.move === 'run') {
      marks.push(move.mark);
      view = act(move.mark, view);
      progress = { ...progress, done: [...progress.done, move.mark], sinceMs: 0, quietMs: 0 };
    } else {
      view = time(view);
      const quietMs = move.for === news ? progress.quietMs + 1000 : 0;
      news = move.for;
      progress = { ...progress, sinceMs: progress.sinceMs + 1000, quietMs, nowMs: progress.nowMs + 1000 };
    }
  }
  return { marks, end: undefined };
}

export type World = {
  readonly act: (mark: string, view: View) => View;
  readonly time?: (view: View) => View;
  readonly stopAfter?: number;
};

export function withNode(view: View, node: NodeView): View {
  return { ...view, nodes: view.nodes.map((other) => (other.name === node.name ? node : other)) };
}
