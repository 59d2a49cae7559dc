// stonith_admin --history: who was fenced last, and whether it worked.
import type { Argv, Result } from '../host/exec.ts';
import { scanXml } from './scan.ts';
import type { Element } from './element.ts';

export const fenceHistoryArgv: Argv = ['stonith_admin', '--history=*', '--output-as=xml'];

/** The last fencing that has ended, in words; undefined if there is none, or if the answer is something else. */
export function lastFencing({ code, stdout }: Result): { says: string; failed: boolean } | undefined {
  if (code !== 0) return undefined;
  const events = eventsIn(stdout).filter(({ status }) => status === 'success' || status === 'failed');
  const [last] = events.toSorted((a, b) => (b['completed'] ?? '').localeCompare(a['completed'] ?? ''));
  if (last === undefined) return undefined;
  const { action = '?', target = '?', completed = '?', status = '?' } = last;
  return { says: `${action} of ${target} at ${completed}: ${status}`, failed: status === 'failed' };
}

function eventsIn(text: string): readonly Element['attributes'][] {
  try {
    return deep(scanXml(text)).map(({ attributes }) => attributes);
  } catch {
    return [];
  }
}

function deep(element: Element): readonly Element[] {
  return element.children.flatMap((child) => [...(child.name === 'fence_event' ? [child] : []), ...deep(child)]);
}
