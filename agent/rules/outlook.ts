// Whether a standby that runs and does not follow can ever follow again: if not, and something may be done, it is restarted,
// since the start is what makes a standby again (rejoin.ts).
import { replicates, type Call } from '../call.ts';
import type { Reason } from '../reasons.ts';
import { answerOf, type Snapshot } from '../snapshot.ts';
import { valueOf } from './attributes.ts';
import { inWords } from './lock.ts';
import { allowed, copyObstacle, lackedWal, promotedElsewhere, wantsSource, wayNow } from './rejoin.ts';

/** It takes a second or two, so it is asked of a standby that has been missed for a while, and only if there is a way. */
export function wantsOutlook(action: string, snapshot: Snapshot, call: Call): boolean {
  const isAsked = action === 'monitor' && !call.probe && replicates(call);
  return isAsked && isMissed(snapshot, call) && allowed({ snapshot, call }).ways.length > 0;
}

/** The primary has recorded that it is not there, and so has this node at an earlier monitor. */
function isMissed(snapshot: Snapshot, call: Call): boolean {
  const own = (key: 'dataStatus' | 'status') => valueOf(snapshot, call, { node: call.node, key });
  const answer = answerOf(snapshot);
  const isSilent = answer?.inRecovery === true && !answer.walReceiver && promotedElsewhere(snapshot);
  return isSilent && own('dataStatus') === 'DISCONNECT' && own('status') === 'HS:alone';
}

export type Outlook = { readonly restart: boolean; readonly because: Reason };

/** What keeps this standby from following the primary for ever; undefined: nothing that is known. */
export function outlook(snapshot: Snapshot, call: Call): Outlook | undefined {
  const { evidence } = snapshot;
  const { ways } = allowed({ snapshot, call });
  if (evidence?.verdict === 'diverged' && wayNow(evidence, ways, snapshot) !== undefined)
    return { restart: true, because: { code: 'CANNOT_FOLLOW', why: inWords(evidence) } };
  const message = lackedWal(snapshot, call);
  if (message === undefined) return undefined;
  // It can be read as it is: it is not stopped for a copy that is then refused.
  return wantsSource(snapshot, call) && copyObstacle(snapshot) === undefined
    ? { restart: true, because: { code: 'CANNOT_FOLLOW', why: `the primary says: ${message}` } }
    : { restart: false, because: { code: 'WAL_GONE', message } };
}
