// What Pacemaker has recorded of a resource's operations on a node: whether it runs, what failed and what is under way. Pure.
import { isSingle, type Values } from '../../lib/pacemaker/cib.ts';
import { children, type Element } from '../../lib/pacemaker/element.ts';
import { readScore } from '../../lib/pacemaker/values.ts';

const callOf = (one: Values): number => Number(one['call-id'] ?? -1);

/** Everything of that name below an element, at any depth. */
export function deep(owner: Element | undefined, name: string): readonly Element[] {
  return (owner?.children ?? []).flatMap((one) => [...(one.name === name ? [one] : []), ...deep(one, name)]);
}

function historyIn(state: Element | undefined, resource: string): readonly Values[] {
  const entry = deep(state, 'lrm_resource').find((one) => one.attributes['id']?.replace(/:\d+$/, '') === resource);
  return children(entry, 'lrm_rsc_op').map((one) => one.attributes);
}

/** Those that have ended, in the order in which they were called. */
function endedIn(state: Element | undefined, resource: string): readonly Values[] {
  return historyIn(state, resource)
    .filter((one) => callOf(one) >= 0)
    .toSorted((a, b) => callOf(a) - callOf(b));
}

const isFailure = (one: Values, well: readonly string[]): boolean => !well.includes(one['rc-code'] ?? '');

/** The copy of a failure stays when the operation succeeds the next time. */
const isCopy = (one: Values): boolean => /_last_failure_\d+$/.test(one['id'] ?? '');

/** What the agent said when an operation failed last; undefined: nothing is recorded. */
export function lastReason(state: Element | undefined, resource: string): string | undefined {
  const failed = (one: Values) => isFailure(one, ['0', '7', '8']) && (one['exit-reason'] ?? '') !== '';
  return endedIn(state, resource).findLast(failed)?.['exit-reason'];
}

/** True if the last operation that has ended failed. `well`: exit codes that are none. */
export function hasFailed(state: Element | undefined, resource: string, well: readonly string[] = ['0', '7']): boolean {
  const last = endedIn(state, resource).findLast((one) => !isCopy(one));
  return last !== undefined && isFailure(last, well);
}

/** The operation that is under way, except for one that is repeated or asks; undefined: none. */
export function underWay(state: Element | undefined, resource: string): string | undefined {
  const pending = (one: Values) => callOf(one) < 0 && isSingle(one) && one['operation'] !== 'monitor';
  return historyIn(state, resource).find(pending)?.['operation'];
}

/** What is being started still has the monitors of the time before. */
export function runs(state: Element, resource: string): boolean {
  const last = endedIn(state, resource).at(-1);
  const started = ['start', 'monitor'].includes(last?.['operation'] ?? '') && last?.['rc-code'] === '0';
  return started && underWay(state, resource) === undefined;
}

/** `fail-count-postgresql#monitor_3000`: one for each operation. */
export function failuresIn(reboot: Values, resource: string): number {
  const counts = Object.entries(reboot).filter(([name]) => name.startsWith(`fail-count-${resource}#`));
  return counts.reduce((sum, [, count]) => sum + (readScore(count) ?? 0), 0);
}

/** When an operation failed last, in seconds since the epoch; undefined: none has. */
export function lastFailure(reboot: Values, resource: string): number | undefined {
  const times = Object.entries(reboot)
    .filter(([name]) => name.startsWith(`last-failure-${resource}#`))
    .map(([, at]) => Number(at))
    .filter((at) => at > 0);
  return times.length === 0 ? undefined : Math.max(...times);
}
