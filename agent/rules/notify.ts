// The table of notifications: what happens elsewhere x my part in it. Pacemaker ignores the exit code of notify.
import { replicates, type Call, type Notification } from '../call.ts';
import { exit, finish, type Decision, type Rule } from '../decision.ts';
import { answerOf, type Snapshot } from '../snapshot.ts';
import { setOwn, valueOf } from './attributes.ts';
import { positionOf, unpublish } from './election.ts';
import { recordStandbys, settle } from './standbys.ts';

type Moment = `${Notification['type']}-${Notification['operation']}`;

const nothing: Rule = () => exit('success');

/** What each moment asks of this node. docs/behaviour.md prints it. */
export const notifications = {
  'pre-start': nothing,
  'post-start': recordIfPrimary,
  'pre-stop': nothing,
  'post-stop': recordIfPrimary,
  'pre-promote': objectIfNewer,
  'post-promote': forgetElection,
  'pre-demote': nothing,
  'post-demote': publishBaseline,
} as const satisfies Record<Moment, Rule>;

export function notified(snapshot: Snapshot, call: Call): Decision {
  if (call.notification === undefined || !replicates(call)) return exit('success');
  return notifications[`${call.notification.type}-${call.notification.operation}`](snapshot, call);
}

/** The primary records at once who streams, instead of at its next monitor. */
function recordIfPrimary(snapshot: Snapshot, call: Call): Decision {
  const answer = answerOf(snapshot);
  const mine = call.notification?.promoted[0] === call.node;
  if (!mine || answer?.inRecovery !== false) return exit('success');
  const { steps, again } = recordStandbys(answer, snapshot, call);
  return again === undefined ? finish('success', steps) : settle('success', { steps, again }, { snapshot, call });
}

/** With three nodes or more in sync mode: a node whose data are newer than the chosen one's keeps itself out, loudly. */
function objectIfNewer(snapshot: Snapshot, call: Call): Decision {
  const node = call.notification?.promoting[0];
  if (!compares(call) || node === undefined || node === call.node) return exit('success');
  const mine = valueOf(snapshot, call, { node: call.node, key: 'baseline' });
  const other = valueOf(snapshot, call, { node, key: 'baseline' });
  if (mine === undefined || other === undefined || mine <= other) return exit('success');
  return finish('generic', [{ do: 'ban this node' }], { code: 'NEWER_THAN_PROMOTED', mine, other, node });
}

function compares(call: Call): boolean {
  return call.members.length > 2 && call.parameters.rep_mode === 'sync';
}

function forgetElection(snapshot: Snapshot, call: Call): Decision {
  const promoting = call.notification?.promoting.includes(call.node) === true;
  return finish('success', [
    ...unpublish(snapshot, call),
    ...(promoting ? [] : setOwn(snapshot, call, { key: 'baseline', value: undefined })),
  ]);
}

/** When another node was demoted, the standbys publish how far they are: pre-promote compares it. */
function publishBaseline(snapshot: Snapshot, call: Call): Decision {
  const involved = [...(call.notification?.demoting ?? []), ...(call.notification?.promoted ?? [])];
  const answer = answerOf(snapshot);
  const position = answer === undefined ? undefined : positionOf(answer);
  if (involved.includes(call.node) || position === undefined) return exit('success');
  return finish('success', [
    ...setOwn(snapshot, call, { key: 'baseline', value: position }),
    ...setOwn(snapshot, call, { key: 'status', value: 'HS:alone' }),
  ]);
}
