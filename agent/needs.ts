// Which facts an action needs: the column beside the table. What is not needed is not asked, and costs nothing.
import { replicates, type Call } from './call.ts';
import type { Action } from './decide.ts';

export type Needs = { readonly session: boolean; readonly cluster: boolean };

const both: Needs = { session: true, cluster: true };
const neither: Needs = { session: false, cluster: false };

const byAction = {
  monitor: () => both,
  start: () => both,
  promote: () => both,
  // Ending a server takes no question to it: one that does not answer is ended as well.
  demote: () => ({ session: false, cluster: true }),
  stop: () => ({ session: false, cluster: true }),
  notify: notifyNeeds,
} as const satisfies Record<Action, (call: Call) => Needs>;

export function needs(action: Action, call: Call): Needs {
  const wanted = byAction[action](call);
  return replicates(call)
    ? wanted
    : { session: wanted.session, cluster: call.parameters.check_wal_receiver && wanted.cluster };
}

function notifyNeeds(call: Call): Needs {
  if (call.notification === undefined || !replicates(call)) return neither;
  const { type, operation, promoted } = call.notification;
  switch (`${type}-${operation}` as const) {
    case 'post-start':
    case 'post-stop':
      return promoted[0] === call.node ? both : neither;
    case 'post-demote':
      return both;
    case 'post-promote':
      return { session: false, cluster: true };
    case 'pre-promote':
      return { session: false, cluster: call.parameters.rep_mode === 'sync' && call.members.length > 2 };
    case 'pre-start':
    case 'pre-stop':
    case 'pre-demote':
      return neither;
  }
}
