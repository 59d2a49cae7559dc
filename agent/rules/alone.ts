// May the primary stop waiting for a standby, may a standby be promoted? Only if every later promotion is sure to read that the
// others' data are not current.
// The argument: docs/decisions/0006-going-alone.md.
import { peersOf, type Call } from '../call.ts';
import type { Context } from '../decision.ts';
import { answerOf, type Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { nodeOf, setOwn, valueOf } from './attributes.ts';
import { isEligible } from './records.ts';
import { namesOf } from './sync.ts';
import { isSynchronous } from '../../meta/attributes.ts';

/** True where a synchronous primary has to have the proof to go alone. */
export function needsProof(call: Call): boolean {
  return call.parameters.rep_mode === 'sync' && call.parameters.go_alone === 'proven';
}

/** True where a promotion has to have it. Without fencing there is none, and in async mode it is then done without, as by pgsql. */
export function promotionNeedsProof({ snapshot, call }: Context): boolean {
  const { rep_mode, go_alone } = call.parameters;
  return go_alone === 'proven' && (rep_mode === 'sync' || snapshot.cluster?.fencing === true);
}

/** What still stands in the way of leaving `peer`; undefined: nothing does. */
export function doubt(peer: string, { snapshot, call }: Context): string | undefined {
  if (!needsProof(call)) return undefined;
  return unrecordable(peer, snapshot) ?? unconfirmed(peer, { snapshot, call });
}

/**
 * What still stands in the way of a promotion: `peer` could be promoted as well. Pacemaker promotes without quorum only where it
 * was told to, after it has fenced the others; but what it ordered while it had quorum may begin when that is lost.
 */
export function promotionDoubt(peer: string, context: Context): string | undefined {
  if (!promotionNeedsProof(context)) return undefined;
  return unprovable(peer, context) ?? unconfirmed(peer, context);
}

function unprovable(peer: string, { snapshot, call }: Context): string | undefined {
  if (call.parameters.rep_mode === 'sync') return unrecordable(peer, snapshot);
  const { cluster } = snapshot;
  return cluster?.quorate === false && cluster.ignoresQuorum !== true ? 'no quorum' : lost(peer, snapshot);
}

/**
 * Two promotions at the same time: each has recorded the other as out. This node's record was good when this one began; a
 * member that knows it otherwise has it from somebody who is being promoted. Of two at least the later one sees the other.
 */
export function rival({ snapshot, call }: Context): Waiting | undefined {
  const { node } = call;
  if (isOut(node, { snapshot, call })) return undefined;
  const peer = otherMembers(snapshot, call).find((member) => !isEligible(snapshot.peerRecords?.[member]?.[node], call));
  return peer === undefined ? undefined : { peer, why: 'it knows of another promotion, which has ruled this node out' };
}

/** Returns true of a probe whose node knows its own copy of the records alone. */
export function isBlindProbe(cluster: Snapshot['cluster'], call: Call): boolean {
  return call.probe && cluster?.quorate === false && cluster.ignoresQuorum !== true;
}

/** A promotion that waits for the proof, a probe for quorum: who is a member may change meanwhile, so it is asked again. */
export function waitsForMembers(action: string, context: Context): boolean {
  if (isBlindProbe(context.snapshot.cluster, context.call)) return answerOf(context.snapshot)?.inRecovery === false;
  return (
    action === 'promote' &&
    peersToDisqualify(context).some((peer) => isOut(peer, context) && promotionDoubt(peer, context) !== undefined)
  );
}

function isOut(peer: string, { snapshot, call }: Context): boolean {
  return !isEligible(valueOf(snapshot, call, { node: peer, key: 'dataStatus' }), call);
}

/** Why what is recorded about `peer` could be lost or overruled. */
function unrecordable(peer: string, snapshot: Snapshot): string | undefined {
  const { cluster } = snapshot;
  if (cluster === undefined) return 'the cluster cannot be read';
  if (!cluster.quorate) return 'no quorum';
  if (!cluster.fencing) return 'fencing is off, so a lost node may live (go_alone=unproven would accept that)';
  return lost(peer, snapshot);
}

/** Why this node may live, and serve, unseen. */
function lost(peer: string, snapshot: Snapshot): string | undefined {
  const node = nodeOf(snapshot, peer);
  if (node === undefined || node.online) return undefined;
  if (node.inMembership) return `Pacemaker on ${peer} does not answer`;
  return node.expected === 'down' ? undefined : `${peer} is lost and not fenced yet`;
}

/** True if a peer's node is off or has left, beyond doubt. */
export function isDown(peer: string, { snapshot, call }: Context): boolean {
  const node = nodeOf(snapshot, peer);
  return needsProof(call) && node?.online === false && !node.inMembership && node.expected === 'down';
}

/** True if nobody knows what became of it. */
export function isLost(peer: string, { snapshot }: Context): boolean {
  const node = nodeOf(snapshot, peer);
  return node?.online === false && node.expected !== 'down';
}

/**
 * A peer that may still be a primary with a quorum of its own: what has been published until it is gone, is out of date when
 * it is.
 */
export function mayStillServe({ snapshot, call }: Context): Waiting | undefined {
  if (!needsProof(call) || call.parameters.synchronous_standbys === 0) return undefined;
  return peersOf(call).flatMap((peer) => {
    const why = lost(peer, snapshot);
    return why === undefined ? [] : [{ peer, why }];
  })[0];
}

/** True if it makes sense to record about `peer` now. */
export function mayRecord(peer: string, { snapshot, call }: Context): boolean {
  return !needsProof(call) || unrecordable(peer, snapshot) === undefined;
}

/** Every member has to have the record, since each may be the one whose copy of the CIB tells the next partition. */
function unconfirmed(peer: string, { snapshot, call }: Context): string | undefined {
  if (nodeOf(snapshot, peer) === undefined) return undefined;
  if (!isOut(peer, { snapshot, call })) return 'it is not recorded yet';
  const silent = otherMembers(snapshot, call).find((member) =>
    isEligible(snapshot.peerRecords?.[member]?.[peer], call),
  );
  return silent === undefined ? undefined : `${silent} has not confirmed the record`;
}

/** The first member that does not know yet that this peer counts; only then commits may wait for it instead of another. */
export function unknownTo(peer: string, { snapshot, call }: Context): string | undefined {
  if (!needsProof(call)) return undefined;
  return otherMembers(snapshot, call).find((member) => !isSynchronous(snapshot.peerRecords?.[member]?.[peer]));
}

/** The nodes whose copies count, lower-case. */
export function otherMembers(snapshot: Snapshot, call: Call): readonly string[] {
  return Object.entries(snapshot.cluster?.nodes ?? {})
    .filter(([name, node]) => node.online && name !== call.node)
    .map(([name]) => name);
}

/** True if the other members' copies of the CIB have to be asked for: it costs a process each, so only then. */
export function wantsConfirmation(action: string, snapshot: Snapshot, call: Call): boolean {
  if (snapshot.cluster === undefined) return false;
  const recorded = (node: string) => valueOf(snapshot, call, { node, key: 'dataStatus' });
  const context = { snapshot, call };
  if (action === 'promote')
    return peersToDisqualify(context).some((peer) => unprovable(peer, context) === undefined && isOut(peer, context));
  if (!needsProof(call)) return false;
  const possible = (peer: string) => unrecordable(peer, snapshot) === undefined;
  return (
    peersToLeave(action, snapshot, call).some((peer) => possible(peer) && isOut(peer, context)) ||
    peersToJoin(action, snapshot, call).some((peer) => possible(peer) && isSynchronous(recorded(peer)))
  );
}

/** Recorded as one that counts, and not named yet. */
function peersToJoin(action: string, snapshot: Snapshot, call: Call): readonly string[] {
  const answer = answerOf(snapshot);
  const watching = action === 'monitor' || action === 'notify';
  if (!watching || answer?.inRecovery !== false || call.parameters.synchronous_standbys === 0) return [];
  const names = namesOf(snapshot);
  const streaming = answer.senders.filter(({ state }) => state === 'STREAMING').map((row) => row.applicationName);
  return peersOf(call).filter((peer) => !names.includes(peer) && streaming.some((name) => name.toLowerCase() === peer));
}

/** Of a standby that is to be promoted. */
function peersToDisqualify({ snapshot, call }: Context): readonly string[] {
  return promotionNeedsProof({ snapshot, call }) && answerOf(snapshot)?.inRecovery === true ? peersOf(call) : [];
}

function peersToLeave(action: string, snapshot: Snapshot, call: Call): readonly string[] {
  const answer = answerOf(snapshot);
  if (answer?.inRecovery !== false) return [];
  const streaming = answer.senders
    .filter(({ state }) => state === 'STREAMING')
    .map(({ applicationName }) => applicationName.toLowerCase())
    .filter((peer) => !isDown(peer, { snapshot, call }));
  const waitedFor = namesOf(snapshot).filter((name) => call.members.includes(name));
  return action === 'monitor' || action === 'notify' ? waitedFor.filter((name) => !streaming.includes(name)) : [];
}

/** Commits wait for this peer, which does not stream, and why they have to. */
export type Waiting = { readonly peer: string; readonly why: string };

/** Says for whom commits wait, since when and why; takes it back when they do not. Times are seconds since the epoch. */
export function tellWaiting(waiting: Waiting | undefined, { snapshot, call }: Context): readonly Step[] {
  if (waiting === undefined) return setOwn(snapshot, call, { key: 'waiting', value: undefined });
  const told = valueOf(snapshot, call, { node: call.node, key: 'waiting' });
  const since = told?.startsWith(`${waiting.peer} since `) === true ? / since (\d+):/.exec(told)?.[1] : undefined;
  const value = `${waiting.peer} since ${since ?? Math.floor(snapshot.nowMs / 1000).toString()}: ${waiting.why}`;
  return setOwn(snapshot, call, { key: 'waiting', value });
}
