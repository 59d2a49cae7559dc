// May the primary stop waiting for a standby? Only if every later promotion is sure to read that its data are not current.
// The argument: docs/decisions/0006-going-alone.md.
import { members, peersOf, type Call } from '../call.ts';
import type { Context } from '../decision.ts';
import { answerOf, type Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { nodeOf, setOwn, valueOf } from './attributes.ts';
import { namesOf } from './sync.ts';

/** True where the proof is asked for at all. */
export function needsProof(call: Call): boolean {
  return call.parameters.rep_mode === 'sync' && call.parameters.go_alone === 'proven';
}

/** A record that lets nobody promote a standby in sync mode. No record at all is one that does not. */
function rulesOut(record: string | undefined): boolean {
  return record !== undefined && record !== '' && !['LATEST', 'STREAMING|SYNC', 'STREAMING|QUORUM'].includes(record);
}

/** What still stands in the way of leaving `peer`; undefined: nothing does. */
export function doubt(peer: string, { snapshot, call }: Context): string | undefined {
  if (!needsProof(call)) return undefined;
  return unrecordable(peer, snapshot) ?? unconfirmed(peer, { snapshot, call });
}

/** Why what is recorded about `peer` could be lost or overruled. */
function unrecordable(peer: string, snapshot: Snapshot): string | undefined {
  const { cluster } = snapshot;
  if (cluster === undefined) return 'the cluster cannot be read';
  if (!cluster.quorate) return 'no quorum';
  if (!cluster.fencing) return 'fencing is off, so a lost node may live (go_alone=unproven would accept that)';
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

/** True if it makes sense to record about `peer` now. */
export function mayRecord(peer: string, { snapshot, call }: Context): boolean {
  return !needsProof(call) || unrecordable(peer, snapshot) === undefined;
}

/** Every member has to have the record, since each may be the one whose copy of the CIB tells the next partition. */
function unconfirmed(peer: string, { snapshot, call }: Context): string | undefined {
  if (nodeOf(snapshot, peer) === undefined) return undefined;
  if (!rulesOut(valueOf(snapshot, call, { node: peer, key: 'dataStatus' }))) return 'it is not recorded yet';
  const silent = otherMembers(snapshot, call).find((member) => !rulesOut(snapshot.peerRecords?.[member]?.[peer]));
  return silent === undefined ? undefined : `${silent} has not confirmed the record`;
}

/** The nodes whose copies count, lower-case. */
export function otherMembers(snapshot: Snapshot, call: Call): readonly string[] {
  return Object.entries(snapshot.cluster?.nodes ?? {})
    .filter(([name, node]) => node.online && name !== call.node)
    .map(([name]) => name);
}

/** True if the other members' copies of the CIB have to be asked for: it costs a process each, so only then. */
export function wantsConfirmation(action: string, snapshot: Snapshot, call: Call): boolean {
  if (!needsProof(call) || snapshot.cluster === undefined) return false;
  return peersToLeave(action, snapshot, call).some(
    (peer) =>
      unrecordable(peer, snapshot) === undefined &&
      rulesOut(valueOf(snapshot, call, { node: peer, key: 'dataStatus' })),
  );
}

function peersToLeave(action: string, snapshot: Snapshot, call: Call): readonly string[] {
  const answer = answerOf(snapshot);
  if (answer === undefined) return [];
  if (answer.inRecovery) return action === 'promote' ? peersOf(call) : [];
  const streaming = answer.senders
    .filter(({ state }) => state === 'STREAMING')
    .map(({ applicationName }) => applicationName.toLowerCase())
    .filter((peer) => !isDown(peer, { snapshot, call }));
  const waitedFor = namesOf(snapshot).filter((name) => members(call).includes(name));
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
