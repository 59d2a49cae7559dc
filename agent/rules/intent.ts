// A promotion records the other nodes as out before it happens. What it overwrites is written down first, so that a promotion that
// did not happen can be taken back by proof: the data are still on the timeline that it began on. docs/decisions/0013.
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import { peersOf } from '../call.ts';
import type { Context } from '../decision.ts';
import type { Reason } from '../reasons.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { set, setOwn, valueOf } from './attributes.ts';
import { historyOf, isOrdered, laterThan, readHistory, recordTimeline, rogueLock } from './history.ts';
import { isEligible } from './records.ts';

/** The history that a promotion began on, and what was recorded of each other node; undefined: nothing was. */
type Intent = { readonly history: string; readonly before: ReadonlyMap<string, string | undefined> };

/** Returns the intent of this node; undefined: none, or one without what was before (older versions write `yes`). */
export function intentOf({ snapshot, call }: Context): Intent | undefined {
  const [history = '', ...pairs] = (valueOf(snapshot, call, { node: call.node, key: 'promoting' }) ?? '').split(' ');
  if (readHistory(history) === undefined) return undefined;
  const before = pairs.map((pair): [string, string | undefined] => {
    const at = pair.lastIndexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1) || undefined];
  });
  return { history, before: new Map(before) };
}

/** Returns the step that writes the intent; one of the same history is kept, since it has what was before the first try. */
export function announce(answer: InstanceAnswer, context: Context): readonly Step[] {
  const { snapshot, call } = context;
  const history = historyOf(answer);
  if (intentOf(context)?.history === history) return [];
  const before = [call.node, ...peersOf(call)].map(
    (node) => `${node}=${valueOf(snapshot, call, { node, key: 'dataStatus' }) ?? ''}`,
  );
  return setOwn(snapshot, call, { key: 'promoting', value: [history, ...before].join(' '), must: true });
}

/** Returns true where the WAL files have to be looked at: before a start, and where a promotion of this node may have failed. */
export function wantsTimeline(action: string, context: Context): boolean {
  if (action === 'start') return context.snapshot.postmaster === undefined;
  return (action === 'stop' || action === 'demote') && intentOf(context) !== undefined;
}

export type Conclusion = { readonly steps: readonly Step[]; readonly because?: Reason };

/**
 * Returns what concludes a promotion that was begun on this node and not recorded. If the server was told to promote and its data
 * have gone on to the next timeline, it has happened. If not, it did not, and with the server stopped it cannot any more: the
 * other nodes are again what they were, unless another node was promoted since.
 */
export function concludePromotion(context: Context): Conclusion {
  const { snapshot, call } = context;
  const intent = intentOf(context);
  const now = currentHistory(intent, snapshot);
  if (intent === undefined || now === undefined) return { steps: [] };
  const end = setOwn(snapshot, call, { key: 'promoting', value: undefined });
  // Also of a node that is out by now: else another one would begin the timeline a second time.
  if (now > intent.history && isOrdered(snapshot)) return { steps: [...recordTimeline(now, context), ...end] };
  if (isSuperseded(intent, context)) return { steps: end };
  return snapshot.postmaster === undefined ? takeBack(intent, now > intent.history, context) : { steps: [] };
}

/** The history of the data now; undefined where it is not known, or the cluster is not. */
function currentHistory(intent: Intent | undefined, { walTimeline, cluster }: Snapshot): string | undefined {
  const began = readHistory(intent?.history);
  return began === undefined || walTimeline === undefined || cluster === undefined
    ? undefined
    : historyOf({ timeline: walTimeline, systemIdentifier: began.system });
}

function isSuperseded({ history, before }: Intent, context: Context): boolean {
  const { snapshot, call } = context;
  const own = valueOf(snapshot, call, { node: call.node, key: 'dataStatus' });
  // By an administrator's word, one that is out may be promoted: then it is as it was when the promotion began.
  const isAsBefore = before.has(call.node) && before.get(call.node) === own;
  return laterThan(history, context) !== undefined || (!isEligible(own, call) && !isAsBefore);
}

/** A promotion by a restart keeps the timeline, so whether it happened is not told by it. */
function takeBack({ before }: Intent, isRogue: boolean, { snapshot, call }: Context): Conclusion {
  if (call.parameters.restart_on_promote) return { steps: [] };
  const steps = peersOf(call)
    .filter((node) => valueOf(snapshot, call, { node, key: 'dataStatus' }) === 'DISCONNECT')
    .flatMap((node) => set(snapshot, call, { node, key: 'dataStatus', value: before.get(node), must: true }));
  const lock: Step = isRogue
    ? { do: 'write file', file: 'PGSQL.lock', content: rogueLock }
    : { do: 'remove file', file: 'PGSQL.lock' };
  return {
    steps: [...steps, lock, ...setOwn(snapshot, call, { key: 'promoting', value: undefined })],
    because: { code: 'TAKEN_BACK', peers: peersOf(call).join(' ') },
  };
}
