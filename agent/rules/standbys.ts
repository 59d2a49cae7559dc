// What the primary records about each standby: how current its data are, whether it may be promoted, what people see.
import type { Score } from '../../meta/attributes.ts';
import type { InstanceAnswer, Sender } from '../../lib/postgres/queries.ts';
import { members, peersOf, type Call } from '../call.ts';
import type { Context } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { nodeOf, set, valueOf } from './attributes.ts';
import { readRepModeConf, startWaitingFor, stopWaitingFor, waitForKnown } from './sync.ts';

type Judgement = { readonly score: Score; readonly status: string | undefined };

/** From `STATE|SYNC_STATE` of pg_stat_replication, or DISCONNECT. */
export function judge(dataStatus: string, call: Call): Judgement {
  const asyncPair = call.parameters.rep_mode === 'async' && members(call).length <= 2;
  switch (dataStatus) {
    case 'STREAMING|SYNC':
      return { score: '100', status: 'HS:sync' };
    case 'STREAMING|QUORUM': // As good as SYNC: commits wait for it. (pgsql bans such a standby: deviation D10.)
      return { score: '100', status: 'HS:sync' };
    case 'STREAMING|ASYNC':
      return { score: asyncPair ? '100' : '-INFINITY', status: 'HS:async' };
    case 'STREAMING|POTENTIAL':
      return { score: '-INFINITY', status: 'HS:potential' };
    case 'DISCONNECT':
      return { score: '-INFINITY', status: undefined };
    default:
      return { score: '-INFINITY', status: 'HS:connected' };
  }
}

/** True if the server hides the states of its standbys from the role that asks. */
export function isBlind(answer: InstanceAnswer): boolean {
  return answer.senders.some((sender) => sender.state === undefined);
}

/** The steps that record every peer, and those that switch synchronous replication. */
export function recordStandbys(answer: InstanceAnswer, snapshot: Snapshot, call: Call): readonly Step[] {
  if (isBlind(answer)) return [];
  const steps: Step[] = [];
  let seen = snapshot;
  for (const peer of peersOf(call)) {
    const more = recordStandby(peer, answer.senders, { snapshot: seen, call });
    steps.push(...more);
    seen = afterSwitch(seen, more);
  }
  return [...steps, ...waitForKnown(answer.senders, snapshot, call)];
}

function recordStandby(peer: string, senders: readonly Sender[], { snapshot, call }: Context): readonly Step[] {
  const sender = senders.find((row) => row.applicationName.toLowerCase() === peer);
  const dataStatus = sender === undefined ? 'DISCONNECT' : `${sender.state ?? ''}|${sender.syncState ?? ''}`;
  const { score, status } = judge(dataStatus, call);
  return [
    ...(nodeOf(snapshot, peer) === undefined
      ? []
      : set(snapshot, call, { node: peer, key: 'dataStatus', value: dataStatus, must: true })),
    ...setPeerScore(peer, score, { snapshot, call }),
    ...(status === undefined ? [] : setPeerStatus(peer, status, { snapshot, call })),
    ...switchFor(peer, dataStatus, { snapshot, call }),
  ];
}

function switchFor(peer: string, dataStatus: string, { snapshot, call }: Context): readonly Step[] {
  if (dataStatus === 'STREAMING|ASYNC') return startWaitingFor(peer, snapshot, call);
  const fine = ['STREAMING|SYNC', 'STREAMING|QUORUM', 'STREAMING|POTENTIAL'].includes(dataStatus);
  return fine ? [] : stopWaitingFor(peer, snapshot, call);
}

/** A peer's score is only ever changed, never introduced: without one its agent has not started there. */
export function setPeerScore(peer: string, score: Score, { snapshot, call }: Context): readonly Step[] {
  const known = valueOf(snapshot, call, { node: peer, key: 'score' });
  const online = nodeOf(snapshot, peer)?.online === true;
  return online && known !== undefined ? set(snapshot, call, { node: peer, key: 'score', value: score }) : [];
}

function setPeerStatus(peer: string, status: string, { snapshot, call }: Context): readonly Step[] {
  const current = valueOf(snapshot, call, { node: peer, key: 'status' });
  const theirs = current === 'STOP' || current === 'UNKNOWN' || nodeOf(snapshot, peer)?.online !== true;
  return theirs ? [] : set(snapshot, call, { node: peer, key: 'status', value: status });
}

/** What rep_mode.conf then names: of two standbys seen in one look only one becomes the synchronous one. */
function afterSwitch(snapshot: Snapshot, steps: readonly Step[]): Snapshot {
  const names = steps.flatMap((step) => (step.do === 'write file' ? [readRepModeConf(step.content)] : []));
  return names.length === 0 ? snapshot : { ...snapshot, syncNames: names.at(-1) };
}
