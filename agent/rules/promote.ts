// Promoting: what must be in the cluster before, what is recorded after.
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import { peersOf, type Call } from '../call.ts';
import { exit, finish, proceed, waitElse, type Context, type Decision } from '../decision.ts';
import type { Reason } from '../reasons.ts';
import { answerOf, type Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { promotionDoubt, promotionNeedsProof, rival } from './alone.ts';
import { leaveArchive } from './archive.ts';
import { setOwn, valueOf } from './attributes.ts';
import { ineligible, missingVoters, positionOf, removeNotes } from './election.ts';
import { awaitHandover } from './handover.ts';
import { forgetLater, historyOf } from './history.ts';
import { announce } from './intent.ts';
import { acceptedLoss, lossInWords } from './lag.ts';
import { awaitMonitorSql, monitorSqlFailure } from './monitor.ts';
import { forgetObstacle, obstacleOf, restartSteps } from './obstacle.ts';
import { overruled } from './settings.ts';
import { isComplete } from './completeness.ts';
import { disqualifyPeers, isEligible } from './records.ts';
import { unsanctioned } from './sanction.ts';
import { createMissing } from './slots.ts';
import { forgetReceiver } from './stop.ts';

/** standby x promote. */
export function promoteStandby(snapshot: Snapshot, call: Call): Decision {
  if (snapshot.cluster === undefined)
    return exit('generic', { code: 'CLUSTER_UNREADABLE', message: snapshot.clusterFailure ?? '' });
  const answer = answerOf(snapshot);
  const position = answer === undefined ? undefined : positionOf(answer);
  if (answer === undefined || position === undefined) return exit('generic', { code: 'NO_LSN' });
  return (
    notNow(answer, snapshot, call) ?? restartFirst(snapshot, call) ?? promote({ answer, position }, snapshot, call)
  );
}

/**
 * With less than the primary had, the server would end when it is promoted; an archive that does not answer would hold it up.
 * A promotion by a restart meets neither.
 */
function restartFirst(snapshot: Snapshot, call: Call): Decision | undefined {
  if (call.parameters.restart_on_promote) return undefined;
  const because = obstacleOf({ snapshot, call });
  return because?.code === 'LIMITS_BELOW'
    ? { ...proceed(...restartSteps({ snapshot, call })), because, otherwise: { exit: 'generic', because } }
    : leaveArchive('promote', snapshot, call);
}

/** Before PostgreSQL 13 a promotion waits until replay is resumed. */
function promotion({ pausedWith }: InstanceAnswer): readonly Step[] {
  return [...(pausedWith === undefined ? [] : [{ do: 'resume replay' } as const]), { do: 'promote server' }];
}

/** What keeps this node from being promoted, or has to be waited for. */
function notNow(answer: InstanceAnswer, snapshot: Snapshot, call: Call): Decision | undefined {
  const incomplete = awaitHandover(answer, snapshot, call);
  if (incomplete !== undefined) return incomplete;
  const against = objection(answer, snapshot, call);
  return against === undefined
    ? undefined
    : finish('generic', setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }), against);
}

type Candidate = { readonly answer: InstanceAnswer; readonly position: string };

function promote({ answer, position }: Candidate, snapshot: Snapshot, call: Call): Decision {
  const first = [
    ...removeNotes(snapshot),
    ...reinstate({ answer, position }, { snapshot, call }),
    ...announce(answer, { snapshot, call }),
    ...disqualifyPeers({ snapshot, call }),
  ];
  const unsure = promotionNeedsProof({ snapshot, call }) ? awaitProof(first, { snapshot, call }) : undefined;
  if (unsure !== undefined) return unsure;
  const restart: readonly Step[] = [
    ...forgetReceiver(snapshot, call),
    { do: 'stop server', fastSeconds: Math.min(call.parameters.stop_escalate_in_slave, call.timeoutMs / 2000) },
    { do: 'remove file', file: 'standby.signal' },
    { do: 'start server', ...overruled({ snapshot, call }) },
  ];
  const because: Reason = { code: 'PROMOTING', position, loss: lossInWords(answer, snapshot, call) };
  const steps = proceed(
    ...first,
    ...forgetByWord({ answer, position }, { snapshot, call }),
    { do: 'write file', file: 'PGSQL.lock', content: '' },
    ...setOwn(snapshot, call, { key: 'baseline', value: position }),
    ...(call.parameters.restart_on_promote ? restart : promotion(answer)),
  );
  return { ...steps, because };
}

/** With all WAL of all members its record, and those of later promotions, are outdated: that is proven, whatever comes of this one. */
function reinstate({ answer }: Candidate, context: Context): readonly Step[] {
  const { snapshot, call } = context;
  if (!isComplete(context)) return [];
  const own = valueOf(snapshot, call, { node: call.node, key: 'dataStatus' });
  return [
    ...(isEligible(own, call) ? [] : setOwn(snapshot, call, { key: 'dataStatus', value: 'LATEST', must: true })),
    ...forgetLater(answer, context),
  ];
}

/** An administrator's word is for this promotion alone: a record goes only when nothing stands in its way any more. */
function forgetByWord({ answer }: Candidate, context: Context): readonly Step[] {
  return acceptedLoss(context.snapshot, context.call) === Infinity ? forgetLater(answer, context) : [];
}

/** A primary that cannot be sure that no peer is promoted too would acknowledge what that peer lacks. */
function awaitProof(first: readonly Step[], { snapshot, call }: Context): Decision | undefined {
  if (first.length > 0) return proceed(...first);
  const other = rival({ snapshot, call });
  if (other !== undefined)
    return finish('generic', setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }), {
      code: 'UNPROVEN',
      ...other,
    });
  const [doubted] = peersOf(call).flatMap((peer) => {
    const why = promotionDoubt(peer, { snapshot, call });
    return why === undefined ? [] : [{ code: 'UNPROVEN', peer, why } as const];
  });
  return doubted === undefined ? undefined : waitElse(() => doubted)(snapshot, call);
}

/** What Pacemaker cannot know, and what no score may overrule. */
function objection(answer: InstanceAnswer, snapshot: Snapshot, call: Call): Reason | undefined {
  const missing = missingVoters({ snapshot, call });
  const voters: Reason | undefined =
    missing.length === 0 ? undefined : { code: 'VOTERS_MISSING', nodes: missing.join(' ') };
  return ineligible(answer, snapshot, call) ?? voters;
}

/**
 * stopped x promote. Nothing can be promoted, but a promotion by a restart that was killed is taken up again: only it leaves
 * a stopped server with both the lock and a baseline, which every demote, stop and start deletes.
 */
export function promoteStopped(snapshot: Snapshot, call: Call): Decision {
  const begun = snapshot.lock && valueOf(snapshot, call, { node: call.node, key: 'baseline' }) !== undefined;
  return begun && call.parameters.restart_on_promote
    ? proceed({ do: 'remove file', file: 'standby.signal' }, { do: 'start server', ...overruled({ snapshot, call }) })
    : exit('generic', { code: 'NOT_RUNNING', action: 'promote' });
}

/** primary x promote: it has been promoted, or was before. */
export function promoted(snapshot: Snapshot, call: Call): Decision {
  if (monitorSqlFailure(snapshot) !== undefined) return awaitMonitorSql(snapshot, call);
  const answer = answerOf(snapshot);
  const rogue = answer === undefined ? undefined : unsanctioned(answer, { snapshot, call });
  if (rogue !== undefined) return exit('generic', rogue);
  // What tells that the promotion was begun goes when its timeline is recorded: else these data would be a stranger's.
  const record = answer === undefined ? [] : setOwn(snapshot, call, { key: 'timeline', value: historyOf(answer) });
  const isMarked = valueOf(snapshot, call, { node: call.node, key: 'promoting' }) !== undefined;
  if (record.length > 0 && isMarked)
    return { ...proceed(...record), otherwise: { exit: 'success', because: { code: 'TIMELINE_UNRECORDED' } } };
  return finish('success', [
    ...createMissing(answer, call),
    ...record,
    ...setOwn(snapshot, call, { key: 'dataStatus', value: 'LATEST' }),
    ...(record.length > 0 ? [] : setOwn(snapshot, call, { key: 'promoting', value: undefined })),
    ...setOwn(snapshot, call, { key: 'lineage', value: undefined }),
    // Where it once handed over: what it writes from here on is beyond that.
    ...setOwn(snapshot, call, { key: 'handover', value: undefined }),
    ...setOwn(snapshot, call, { key: 'acceptLoss', value: undefined }),
    ...forgetObstacle(snapshot, call),
    ...setOwn(snapshot, call, { key: 'score', value: '1000' }),
    ...setOwn(snapshot, call, { key: 'status', value: 'PRI' }),
  ]);
}
