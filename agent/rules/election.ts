// Who is promoted when there is no primary: each standby publishes its position; when the same positions were seen often
// enough, the one that nobody is ahead of gets the score 1000. Rounds and notes are those of pgsql, so that both can vote.
import { lsnDigits, laterLsn } from '../../lib/postgres/lsn.ts';
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import { peersOf, type Call } from '../call.ts';
import { exit, finish, type Context, type Decision } from '../decision.ts';
import type { Reason } from '../reasons.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { mayStillServe } from './alone.ts';
import { nodeOf, setOwn, valueOf } from './attributes.ts';
import { isComplete, losses, publishLineage } from './completeness.ts';
import { historyOf, laterThan, readHistory, strayed } from './history.ts';
import { acceptedLoss, tooFarBehind } from './lag.ts';
import { isEligible } from './records.ts';
import { needed } from './sync.ts';
import { isSynchronous } from '../../meta/attributes.ts';

/** The later of what was received and what was replayed, as 16 digits; of a primary what it has written. */
export function positionOf(answer: InstanceAnswer): string | undefined {
  const lsn = answer.written ?? laterLsn(answer.received, answer.replayed);
  return lsn === undefined ? undefined : lsnDigits(lsn);
}

/** One round of the election, on a standby that sees no primary. */
export function election(answer: InstanceAnswer, snapshot: Snapshot, call: Call): Decision {
  const position = positionOf(answer);
  const compare = publishLineage({ snapshot, call });
  const against = ineligible(answer, snapshot, call);
  if (against !== undefined) return finish('success', compare, incomplete({ snapshot, call }) ?? against);
  const living = mayStillServe({ snapshot, call });
  if (living !== undefined) return finish('success', unpublish(snapshot, call), { code: 'UNPROVEN', ...living });
  if (position === undefined) return exit('generic', { code: 'NO_LSN' });
  const publish = [
    ...setOwn(snapshot, call, { key: 'xlogLoc', value: position }),
    ...setOwn(snapshot, call, { key: 'history', value: historyOf(answer) }),
  ];
  const still = valueOf(snapshot, call, { node: call.node, key: 'xlogLoc' }) === position || !answer.walReceiver;
  const candidate = { position, history: historyOf(answer), still };
  const { steps, because } = round(candidate, snapshot, call);
  return finish('success', [...compare, ...publish, ...steps], because);
}

function incomplete(context: Context): Reason | undefined {
  const lost = losses(context);
  return lost === undefined ? undefined : { code: 'INCOMPLETE', losses: lost.join('; ') };
}

/** A position that is not the last one would be compared with those that are. */
export function unpublish(snapshot: Snapshot, call: Call): readonly Step[] {
  return [
    ...setOwn(snapshot, call, { key: 'xlogLoc', value: undefined }),
    ...setOwn(snapshot, call, { key: 'history', value: undefined }),
    ...setOwn(snapshot, call, { key: 'lineage', value: undefined }),
  ];
}

/** Why this node takes no part, whatever its position, and is not promoted, whatever its score. */
export function ineligible(answer: InstanceAnswer, snapshot: Snapshot, call: Call): Reason | undefined {
  const dataStatus = valueOf(snapshot, call, { node: call.node, key: 'dataStatus' });
  const astray = strayed(answer, { snapshot, call });
  if (isComplete({ snapshot, call })) return undefined;
  // An administrator's word stands above every record, but not above another system's data.
  if (acceptedLoss(snapshot, call) === Infinity) return astray?.code === 'FOREIGN_SYSTEM' ? astray : undefined;
  if (!isEligible(dataStatus, call)) return { code: 'OUT_OF_DATE', dataStatus: dataStatus ?? '' };
  return astray ?? tooFarBehind(answer, snapshot, call);
}

/** This node's position; `still`: it receives nothing any more. */
type Candidate = { readonly position: string; readonly history: string; readonly still: boolean };

function round(candidate: Candidate, snapshot: Snapshot, call: Call): Pick<Decision, 'steps' | 'because'> {
  const lines = positions(candidate.position, snapshot, call).map(([node, value]) => `${node} ${value}`);
  const note = lines.map((line) => `${line}\n`).join('');
  if (call.parameters.election === 'published' && candidate.still && awaited(snapshot, call).length === 0)
    return verdict(candidate, note, { snapshot, call });
  const last = snapshot.notes.length - 1;
  if (snapshot.notes[Math.max(last, 0)] !== note) {
    const steps: readonly Step[] = [...removeNotes(snapshot), { do: 'write file', file: 'xlog_note.0', content: note }];
    return { steps, because: { code: 'POSITIONS_CHANGED' } };
  }
  const next = last + 1;
  const of = call.parameters.xlog_check_count;
  if (next < of) {
    return {
      steps: [{ do: 'write file', file: `xlog_note.${next}`, content: note }],
      because: { code: 'COUNTING', round: next, of },
    };
  }
  return verdict(candidate, note, { snapshot, call });
}

/** Nodes that are online, might be chosen, and have not published yet. */
function awaited(snapshot: Snapshot, call: Call): readonly string[] {
  return peersOf(call).filter(
    (node) =>
      nodeOf(snapshot, node)?.online === true &&
      isEligible(valueOf(snapshot, call, { node, key: 'dataStatus' }), call) &&
      publishedPosition(node, { snapshot, call }) === undefined,
  );
}

function verdict(candidate: Candidate, note: string, { snapshot, call }: Context): Pick<Decision, 'steps' | 'because'> {
  const { position } = candidate;
  const missing = missingVoters({ snapshot, call });
  if (missing.length > 0) return { steps: [], because: { code: 'VOTERS_MISSING', nodes: missing.join(' ') } };
  const best = bestOf(candidate, { snapshot, call });
  if (best === position) {
    const steps = [...setOwn(snapshot, call, { key: 'score', value: '1000' }), ...removeNotes(snapshot)];
    return { steps, because: { code: 'ELECTED', position } };
  }
  const steps: readonly Step[] = [
    ...setOwn(snapshot, call, { key: 'dataStatus', value: 'DISCONNECT', must: true }),
    ...removeNotes(snapshot),
    { do: 'write file', file: 'xlog_note.0', content: note },
  ];
  return {
    steps: call.parameters.synchronous_standbys > 0 ? removeNotes(snapshot) : steps,
    because: { code: 'OUTVOTED', position, best },
  };
}

/**
 * With a quorum: whom the election has to wait for, to be certain that one of those present has every acknowledged commit;
 * nobody if it is. The last primary has them all.
 */
export function missingVoters({ snapshot, call }: Context): readonly string[] {
  if (call.parameters.synchronous_standbys === 0 || acceptedLoss(snapshot, call) === Infinity) return [];
  if (isComplete({ snapshot, call })) return [];
  // A promotion that has begun has recorded some of the voters as out of date: what is left of them says nothing.
  const begun = peersOf(call).filter((node) => valueOf(snapshot, call, { node, key: 'promoting' }) !== undefined);
  if (begun.length > 0) return begun;
  const statusOf = (node: string) => valueOf(snapshot, call, { node, key: 'dataStatus' });
  const present = (node: string) => node === call.node || publishedPosition(node, { snapshot, call }) !== undefined;
  if (call.members.some((node) => statusOf(node) === 'LATEST' && present(node))) return [];
  const voters = call.members.filter((node) => isSynchronous(statusOf(node)));
  const enough = voters.length - needed(voters.length, call) + 1;
  const absent = voters.filter((node) => !present(node));
  return voters.length - absent.length >= enough ? [] : absent;
}

/** The position of the one that nobody is ahead of: of the newest timeline, if all say theirs (pgsql does not). */
function bestOf(candidate: Candidate, { snapshot, call }: Context): string {
  const rivals = peersOf(call).flatMap((node) => {
    const position = publishedPosition(node, { snapshot, call });
    return position === undefined ? [] : [{ position, history: valueOf(snapshot, call, { node, key: 'history' }) }];
  });
  const all = [candidate, ...rivals].map(({ position, history }) => ({
    position,
    timeline: readHistory(history)?.timeline,
  }));
  const told = all.every(({ timeline }) => timeline !== undefined);
  const rank = ({ position, timeline }: { position: string; timeline: string | undefined }) =>
    `${told ? (timeline ?? '') : ''}${position}`;
  const best = all.reduce((a, b) => (rank(b) > rank(a) ? b : a));
  return best.position;
}

/**
 * Returns the position that another node has published in this election; undefined: none. What a node left behind that is not here
 * does not count: Pacemaker 3.0.2 and later no longer deletes it when the node is lost. Nor does what one published before the last
 * promotion, and whose instance has not started since: a start deletes it.
 */
function publishedPosition(node: string, context: Context): string | undefined {
  const { snapshot, call } = context;
  const found = nodeOf(snapshot, node);
  if (found?.online !== true) return undefined;
  const history = valueOf(snapshot, call, { node, key: 'history' });
  const isOld = found.role === undefined && history !== undefined && laterThan(history, context) !== undefined;
  return isOld ? undefined : valueOf(snapshot, call, { node, key: 'xlogLoc' });
}

/** Node and position, in the order of node_list, of every node that has published one. */
function positions(own: string, snapshot: Snapshot, call: Call): readonly (readonly [string, string])[] {
  return call.members.flatMap((node) => {
    const value = node === call.node ? own : publishedPosition(node, { snapshot, call });
    return value === undefined ? [] : [[node, value] as const];
  });
}

export function removeNotes(snapshot: Snapshot): readonly Step[] {
  return snapshot.notes.map((_, n): Step => ({ do: 'remove file', file: `xlog_note.${n}` }));
}
