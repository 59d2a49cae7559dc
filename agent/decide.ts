// From what was found to what is done: pure and total.
import { replicates, type Call } from './call.ts';
import type { Decision } from './decision.ts';
import { classify, type Snapshot } from './snapshot.ts';
import { replicated, single, type TableAction } from './table.ts';
import { notified } from './rules/notify.ts';

/** What the loop can be asked for. */
export type Action = TableAction | 'notify';

export function decide(action: Action, snapshot: Snapshot, call: Call): Decision {
  if (action === 'notify') return notified(snapshot, call);
  const table = replicates(call) ? replicated : single;
  const cell: Decision | ((s: Snapshot, c: Call) => Decision) = table[classify(snapshot)][action];
  return typeof cell === 'function' ? cell(snapshot, call) : cell;
}
