// When the settings are looked at: a server is about to be started, or something is wrong already. A healthy monitor reads none.
import { replicates, type Call } from '../call.ts';
import { answerOf, type Snapshot } from '../snapshot.ts';
import { valueOf } from './attributes.ts';
import { isSilent } from './archive.ts';
import { promotedElsewhere } from './rejoin.ts';
import { isUnread } from './sync.ts';

type Judge = (snapshot: Snapshot, call: Call) => boolean;

const byAction: Readonly<Record<string, Judge>> = {
  start: (snapshot, call) =>
    (isStopped(snapshot) || isSilent('start', snapshot, call)) && call.parameters.rep_mode !== 'none' && snapshot.job?.state !== 'runs',
  demote: (snapshot, call) => isStopped(snapshot) && replicates(call) && call.parameters.demote_to === 'standby',
  promote: (snapshot, call) =>
    replicates(call) && (call.parameters.restart_on_promote || isStopped(snapshot) || isPaused(snapshot) || isSilent('promote', snapshot, call)),
  monitor: (snapshot, call) => replicates(call) && !call.probe && isOdd(snapshot, call),
}; // prettier-ignore

export function wantsSettings(action: string, snapshot: Snapshot, call: Call): boolean {
  return byAction[action]?.(snapshot, call) === true;
}

function isStopped({ postmaster }: Snapshot): boolean {
  return postmaster === undefined;
}

function isPaused(snapshot: Snapshot): boolean {
  return answerOf(snapshot)?.pausedWith !== undefined;
}

function isOdd(snapshot: Snapshot, call: Call): boolean {
  const answer = answerOf(snapshot);
  if (answer === undefined) return false;
  return answer.inRecovery ? isPaused(snapshot) || isMissed(snapshot, call) : isUnread(answer, snapshot, call);
}

/** The primary has recorded that it does not stream under its name, and this node that it has been so for a while. */
export function isMissed(snapshot: Snapshot, call: Call): boolean {
  const own = (key: 'dataStatus' | 'status') => valueOf(snapshot, call, { node: call.node, key });
  return promotedElsewhere(snapshot) && own('dataStatus') === 'DISCONNECT' && own('status') === 'HS:alone';
}
