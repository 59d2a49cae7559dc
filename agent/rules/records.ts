// What the primary writes down about one standby: how current its data are, whether it may be promoted, what people see.
import type { Score } from '../../meta/attributes.ts';
import { peersOf, type Call } from '../call.ts';
import type { Context } from '../decision.ts';
import type { Step } from '../steps.ts';
import { nodeOf, set, valueOf } from './attributes.ts';
import { needed } from './sync.ts';
import { isSynchronous } from '../../meta/attributes.ts';

type Judgement = { readonly score: Score; readonly status: string | undefined };

/** From `STATE|SYNC_STATE` of pg_stat_replication, or DISCONNECT. `voters`: how many standbys are recorded as QUORUM. */
export function judge(dataStatus: string, call: Call, voters = 1): Judgement {
  const asyncPair = call.parameters.rep_mode === 'async' && call.members.length <= 2;
  // Only an election can tell which of several voters has every commit.
  const all = needed(voters, call) >= voters;
  switch (dataStatus) {
    case 'STREAMING|SYNC':
      return { score: '100', status: 'HS:sync' };
    case 'STREAMING|QUORUM': // As good as SYNC: commits wait for it. (pgsql bans such a standby: deviation D10.)
      return { score: all ? '100' : '-INFINITY', status: 'HS:sync' };
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

/** True if a node with this record may be elected: in async mode whoever streamed last. A node without one may be. */
export function isEligible(dataStatus: string | undefined, call: Pick<Call, 'parameters'>): boolean {
  const good = [undefined, '', 'LATEST', 'STREAMING|SYNC', 'STREAMING|QUORUM'];
  return [...good, ...(call.parameters.rep_mode === 'async' ? ['STREAMING|ASYNC'] : [])].includes(dataStatus);
}

export function isCurrentRecord(node: string, { snapshot, call }: Context): boolean {
  return isSynchronous(valueOf(snapshot, call, { node, key: 'dataStatus' }));
}

/** What is recorded, whether it may be promoted, and what people see. */
export function record(peer: string, dataStatus: string, { snapshot, call }: Context): readonly Step[] {
  const { score, status } = judge(dataStatus, call, votersWith(peer, dataStatus, { snapshot, call }));
  return [
    ...(nodeOf(snapshot, peer) === undefined
      ? []
      : set(snapshot, call, { node: peer, key: 'dataStatus', value: dataStatus, must: true })),
    ...setPeerScore(peer, score, { snapshot, call }),
    ...(status === undefined ? [] : setPeerStatus(peer, status, { snapshot, call })),
  ];
}

export function votersWith(peer: string, dataStatus: string, { snapshot, call }: Context): number {
  const others = peersOf(call).filter((node) => node !== peer);
  const voting = others.filter((node) => isCurrentRecord(node, { snapshot, call }));
  return voting.length + (isSynchronous(dataStatus) ? 1 : 0);
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

/** Returns the steps that record every other node as out. Once this node is promoted, no other has the latest data until it is seen to stream from here. */
export function disqualifyPeers({ snapshot, call }: Context): readonly Step[] {
  return peersOf(call).flatMap((peer) => [
    ...(nodeOf(snapshot, peer) === undefined
      ? []
      : set(snapshot, call, { node: peer, key: 'dataStatus', value: 'DISCONNECT', must: true })),
    ...setPeerScore(peer, '-INFINITY', { snapshot, call }),
    ...set(snapshot, call, { node: peer, key: 'syncPoint', value: undefined }),
    ...set(snapshot, call, { node: peer, key: 'promoting', value: undefined }),
  ]);
}
