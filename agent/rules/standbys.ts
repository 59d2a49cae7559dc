// When the primary records what about each standby, and when commits wait for it.
// In sync mode the order of records and names is what no commit is lost by: docs/safety.md.
import type { Exit } from '../../meta/exits.ts';
import { lsnDigits } from '../../lib/postgres/lsn.ts';
import type { InstanceAnswer, Sender } from '../../lib/postgres/queries.ts';
import { peersOf, type Call } from '../call.ts';
import { finish, proceed, type Context, type Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { doubt, isDown, isLost, mayRecord, needsProof, tellWaiting, unknownTo, type Waiting } from './alone.ts';
import { assuming, set, valueOf } from './attributes.ts';
import { isCurrentRecord, judge, record, setPeerScore, votersWith } from './records.ts';
import { hasExternal, hasRoom, isInForce, namesOf, needed, readRepModeConf, switchTo, waitForKnown } from './sync.ts';
import { isSynchronous } from '../../meta/attributes.ts';

/** True if the server hides the states of its standbys from the role that asks. */
export function isBlind(answer: InstanceAnswer): boolean {
  return answer.senders.some((sender) => sender.state === undefined);
}

/** The steps, and whether to look again after them: at once, or while a standby catches up. */
export type Recording = { readonly steps: readonly Step[]; readonly again?: 'at once' | 'settling' };

/** For a standby to have what was written before commits waited for it; after that it is the next monitor's. */
const settleMs = 10_000;
const pollMs = 200;

/** Another look, after which more can be recorded. */
export function settle(then: Exit, { steps, again }: Recording, { snapshot, call }: Context): Decision {
  const otherwise = { exit: then, because: { code: 'SETTLING' } } as const;
  if (again === 'at once') return { ...proceed(...steps), otherwise };
  return call.timeoutMs - snapshot.remainingMs < Math.min(settleMs, call.timeoutMs / 2)
    ? { ...proceed(...steps, { do: 'wait', ms: pollMs }), otherwise }
    : finish(then, steps, otherwise.because);
}

/** Records every peer, and switches synchronous replication. */
export function recordStandbys(answer: InstanceAnswer, snapshot: Snapshot, call: Call): Recording {
  if (isBlind(answer)) return { steps: [] };
  const parts = partsOf(answer, snapshot, call);
  const waiting = parts.flatMap(({ waits }) => (waits === undefined ? [] : [waits]));
  const kept = waiting.map(({ peer }) => peer);
  const again = parts.some((part) => part.again === 'at once') ? 'at once' : parts.find((part) => part.again)?.again;
  const steps = [
    ...parts.flatMap((part) => part.steps),
    // Whoever has not had its turn may have to be waited for.
    ...(parts.length < peersOf(call).length ? [] : waitForKnown(answer.senders, kept, { snapshot, call })),
    ...(needsProof(call) && again !== 'at once' ? tellWaiting(waiting[0], { snapshot, call }) : []),
  ];
  return again === undefined ? { steps } : { steps, again };
}

type Part = Recording & { readonly waits?: Waiting };

function partsOf(answer: InstanceAnswer, snapshot: Snapshot, call: Call): readonly Part[] {
  const parts: Part[] = [];
  let seen = snapshot;
  for (const peer of peersOf(call)) {
    const part = recordPeer(peer, answer, { snapshot: seen, call });
    parts.push(part);
    seen = afterwards(part.steps, { snapshot: seen, call });
    // The others have their turn when this one is done with: the records are in the order of node_list.
    if (part.again !== undefined && part.steps.length > 0) break;
  }
  return parts;
}

function recordPeer(peer: string, answer: InstanceAnswer, context: Context): Part {
  // The server may not know for a minute that nobody is there any more (wal_sender_timeout); Pacemaker does.
  const sender = isDown(peer, context) ? undefined : senderOf(peer, answer);
  if (context.call.parameters.rep_mode !== 'sync') return { steps: record(peer, dataStatusOf(sender), context) };
  const seen = { answer, ...context };
  return (needsProof(context.call) ? lostContact(peer, sender, seen) : undefined) ?? turn(peer, sender, seen);
}

function dataStatusOf(sender: Sender | undefined): string {
  return sender === undefined ? 'DISCONNECT' : `${sender.state ?? ''}|${sender.syncState ?? ''}`;
}

/** In sync mode, what a standby's state calls for. */
function turn(peer: string, sender: Sender | undefined, seen: Seen): Part {
  const dataStatus = dataStatusOf(sender);
  if (isSynchronous(dataStatus)) return confirm(peer, dataStatus, { ...seen, flushed: sender?.flushed });
  return dataStatus === 'STREAMING|ASYNC' ? take(peer, seen) : leave(peer, dataStatus, seen);
}

function senderOf(peer: string, answer: InstanceAnswer): Sender | undefined {
  return answer.senders.find((row) => row.applicationName.toLowerCase() === peer);
}

/** The cluster has lost contact, and so has replication, by what has not been confirmed: it is what commits wait for. */
function lostContact(peer: string, sender: Sender | undefined, { snapshot, call, answer }: Seen): Part | undefined {
  if (sender === undefined || !isLost(peer, { snapshot, call }) || !namesOf(snapshot).includes(peer)) return undefined;
  const { written } = answer;
  const behind = written !== undefined && (sender.flushed === undefined || sender.flushed < written);
  return behind ? { steps: [], waits: { peer, why: doubt(peer, { snapshot, call }) ?? '' } } : undefined;
}

type Seen = Context & { readonly answer: InstanceAnswer };

/**
 * A standby that streams and that commits do not wait for. If more confirmations are needed with it than without, it is
 * named first and recorded when it has caught up; if as many are, it is recorded first, since it may be the one that confirms.
 */
function take(peer: string, context: Context): Part {
  const { snapshot, call } = context;
  const names = namesOf(snapshot);
  if (names.includes(peer) || hasExternal(call) || !hasRoom(snapshot, call))
    return { steps: record(peer, 'STREAMING|ASYNC', context) };
  const switching = switchTo([...names, peer], call);
  if (needed(names.length + 1, call) === needed(names.length, call)) {
    // Until those who are waited for have what was acknowledged before, one more who may confirm proves nothing.
    const settled = names.every((node) => isCurrentRecord(node, context));
    if (!settled) return { steps: record(peer, 'STREAMING|ASYNC', context) };
    return join(peer, switching, context);
  }
  const forget = set(snapshot, call, { node: peer, key: 'syncPoint', value: undefined });
  return { steps: [...record(peer, 'STREAMING|ASYNC', context), ...forget, ...switching] };
}

/** Recorded, known to every member to be recorded, and only then waited for. */
function join(peer: string, switching: readonly Step[], context: Context): Part {
  if (!mayRecord(peer, context)) return { steps: [] };
  const recording = [...record(peer, 'STREAMING|QUORUM', context), ...leaveToElection(peer, context)];
  if (recording.length > 0 && needsProof(context.call)) return { steps: recording, again: 'at once' };
  return { steps: unknownTo(peer, context) === undefined ? [...recording, ...switching] : recording };
}

/** With one voter more than have to confirm, none may be promoted but by an election. */
function leaveToElection(joining: string, { snapshot, call }: Context): readonly Step[] {
  const voters = votersWith(joining, 'STREAMING|QUORUM', { snapshot, call });
  return peersOf(call)
    .filter((node) => node !== joining && isCurrentRecord(node, { snapshot, call }))
    .flatMap((node) => setPeerScore(node, judge('STREAMING|QUORUM', call, voters).score, { snapshot, call }));
}

/** A standby that commits wait for: recorded as current when it has everything from before they waited. */
function confirm(peer: string, dataStatus: string, seen: Seen & { readonly flushed: Sender['flushed'] }): Part {
  const { snapshot, call, flushed } = seen;
  const known = valueOf(snapshot, call, { node: peer, key: 'dataStatus' });
  if (isSynchronous(known)) return { steps: record(peer, dataStatus, seen) };
  const caughtUp = isCaughtUp(peer, [flushed], seen);
  if (caughtUp !== true) return { steps: caughtUp, again: 'settling' };
  const forget = set(snapshot, call, { node: peer, key: 'syncPoint', value: undefined });
  return mayRecord(peer, seen) ? { steps: [...record(peer, dataStatus, seen), ...forget] } : { steps: [] };
}

/** True if enough of these positions are beyond the one from which commits waited; else what there is to do meanwhile. */
function isCaughtUp(
  peer: string,
  flushed: readonly Sender['flushed'][],
  { snapshot, call, answer }: Seen,
): true | readonly Step[] {
  if (!isInForce(answer, { snapshot, call }) || answer.written === undefined) return [];
  const since = valueOf(snapshot, call, { node: peer, key: 'syncPoint' });
  const value = lsnDigits(answer.written);
  if (since === undefined) return set(snapshot, call, { node: peer, key: 'syncPoint', value, must: true });
  const beyond = flushed.filter((lsn) => lsn !== undefined && lsnDigits(lsn) >= since);
  return beyond.length >= Math.max(1, needed(namesOf(snapshot).length, call)) || [];
}

/** A standby that does not stream. */
function leave(peer: string, dataStatus: string, seen: Seen): Part {
  return namesOf(seen.snapshot).includes(peer) ? stopWaiting(peer, dataStatus, seen) : lower(peer, dataStatus, seen);
}

/**
 * Commits do not wait for it. If it was one of several that could confirm, an election has to count on it until the others
 * have what only it had.
 */
function lower(peer: string, dataStatus: string, seen: Seen): Part {
  const { snapshot, call, answer } = seen;
  const others = namesOf(snapshot);
  const known = valueOf(snapshot, call, { node: peer, key: 'dataStatus' });
  const counts = isSynchronous(known) && others.length > 0 && call.parameters.synchronous_standbys > 0;
  if (!counts) return { steps: record(peer, dataStatus, seen) };
  const flushed = answer.senders.filter((row) => others.includes(row.applicationName)).map((row) => row.flushed);
  const caughtUp = isCaughtUp(peer, flushed, seen);
  if (caughtUp !== true) return { steps: caughtUp, again: 'settling' };
  return mayRecord(peer, seen) ? { steps: record(peer, dataStatus, seen) } : { steps: [] };
}

/** If fewer confirmations are needed without it, it is recorded, and the record proven, before it is left. */
function stopWaiting(peer: string, dataStatus: string, seen: Seen): Part {
  const { snapshot, call } = seen;
  const names = namesOf(snapshot);
  const others = names.filter((name) => name !== peer);
  const forget = set(snapshot, call, { node: peer, key: 'syncPoint', value: undefined });
  if (needed(others.length, call) === needed(names.length, call))
    return { steps: [...forget, ...switchTo(others, call)] };
  const counted = peersOf(call).find((node) => !names.includes(node) && isCurrentRecord(node, seen));
  if (counted !== undefined)
    return { steps: [], waits: { peer, why: `${counted} may have what no other standby has` } };
  const recording = mayRecord(peer, seen) ? [...record(peer, dataStatus, seen), ...forget] : [];
  const why = doubt(peer, { snapshot: afterwards(recording, seen), call });
  if (why === undefined) return { steps: [...recording, ...(hasExternal(call) ? [] : switchTo(others, call))] };
  return { steps: recording, waits: { peer, why }, ...(recording.length > 0 ? { again: 'at once' } : {}) };
}

/** What will be found after these steps: of two standbys seen in one look only one becomes the synchronous one. */
function afterwards(steps: readonly Step[], { snapshot, call }: Context): Snapshot {
  const names = steps.flatMap((step) => (step.do === 'write file' ? [readRepModeConf(step.content)] : []));
  const named = names.length === 0 ? snapshot : { ...snapshot, syncNames: names.at(-1) };
  return steps.reduce((seen, step) => (step.do === 'set attribute' ? assuming(seen, call, step) : seen), named);
}
