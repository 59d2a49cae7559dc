// Monitoring: the healthy path, which writes nothing if nothing has changed.
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import { parameters } from '../../meta/parameters.ts';
import { replicates, type Call } from '../call.ts';
import { exit, finish, proceed, waitElse, type Context, type Decision } from '../decision.ts';
import type { Reason } from '../reasons.ts';
import { answerOf, type Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { needsProof } from './alone.ts';
import { assuming, setOwn, valueOf } from './attributes.ts';
import { election, unpublish } from './election.ts';
import { historyOf, recordOfPrimary, recordPromotion, rogueLock } from './history.ts';
import { reportPosition } from './lag.ts';
import { forgetObstacle, mend, obstacleOf, recordObstacle } from './obstacle.ts';
import { outlook } from './outlook.ts';
import { namesInTheWay } from './settings.ts';
import { disqualifyPeers } from './records.ts';
import { blindness, outrankedBy, promotedPeer, unsanctioned } from './sanction.ts';
import { dropLeftOver, renewSlots } from './slots.ts';
import { isBlind, recordStandbys, settle, type Recording } from './standbys.ts';
import { isUnread, repModeConf } from './sync.ts';

/** Why monitor_sql failed; undefined if it did not, or was not run. */
export function monitorSqlFailure(snapshot: Snapshot): Reason | undefined {
  const failure =
    snapshot.session !== undefined && 'answer' in snapshot.session ? snapshot.session.monitorSqlFailure : undefined;
  return failure === undefined ? undefined : { code: 'MONITOR_SQL_FAILED', message: failure };
}

/** A server that has just started or been promoted may need a moment before monitor_sql succeeds. */
export const awaitMonitorSql = waitElse(
  (snapshot) => monitorSqlFailure(snapshot) ?? { code: 'MONITOR_SQL_FAILED', message: '' },
);

function unreadableCluster(snapshot: Snapshot): Reason | undefined {
  return snapshot.cluster === undefined
    ? { code: 'CLUSTER_UNREADABLE', message: snapshot.clusterFailure ?? 'not asked' }
    : undefined;
}

/** primary x monitor, in replication modes. */
export function watchPrimary(snapshot: Snapshot, call: Call): Decision {
  const answer = answerOf(snapshot);
  const failed = monitorSqlFailure(snapshot);
  if (failed !== undefined || answer === undefined) return exit('generic', failed);
  // The server is well; that the cluster's answer is missing must not demote it. What was missed is written next time.
  const unreadable = unreadableCluster(snapshot);
  if (unreadable !== undefined) return exit(call.probe ? 'generic' : 'promoted', unreadable);
  return beforeRecords(answer, { snapshot, call }) ?? watchAccepted(answer, { snapshot, call });
}

/** What comes before standbys are recorded: whether this is the primary, and that it is recorded as such. */
function beforeRecords(answer: InstanceAnswer, context: Context): Decision | undefined {
  const blind = blindness(context);
  if (blind !== undefined) return waitElse(() => blind)(context.snapshot, context.call);
  const rogue = unsanctioned(answer, context);
  if (rogue !== undefined) return finish('generic', expose(context), rogue);
  const taking = takeOver(context);
  if (taking !== undefined) return taking;
  // A standby may count only when the timeline that it follows is recorded: else its data would be a stranger's.
  const timeline = setOwn(context.snapshot, context.call, { key: 'timeline', value: historyOf(answer) });
  return timeline.length === 0
    ? undefined
    : { ...proceed(...timeline), otherwise: { exit: 'promoted', because: { code: 'TIMELINE_UNRECORDED' } } };
}

function watchAccepted(answer: InstanceAnswer, { snapshot, call }: Context): Decision {
  const recorded = recordStandbys(answer, snapshot, call);
  const steps: readonly Step[] = [
    ...(call.probe && isStandardSql(call) ? setOwn(snapshot, call, { key: 'score', value: '1000' }) : []),
    ...receiver('normal (master)', snapshot, call),
    ...setOwn(snapshot, call, { key: 'dataStatus', value: 'LATEST' }),
    ...setOwn(snapshot, call, { key: 'status', value: 'PRI' }),
    ...forgetObstacle(snapshot, call),
    ...setOwn(snapshot, call, { key: 'promoting', value: undefined }),
    ...recorded.steps,
    ...reportPosition(answer, snapshot, call),
    ...renewSlots(answer, snapshot, call),
  ];
  return secondLook({ ...recorded, steps }, answer, { snapshot, call });
}

/** What a primary that no promotion has made leaves: no score, and a lock, so that its next start is decided by evidence. */
function expose({ snapshot, call }: Context): readonly Step[] {
  return [
    ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }),
    ...(snapshot.lock ? [] : [{ do: 'write file', file: 'PGSQL.lock', content: rogueLock } as const]),
  ];
}

/**
 * A primary that a probe takes over is recorded as a promotion is, where no commit may be lost: the others are out until they are seen
 * to stream. A copy of the CIB that is older then has fewer changes as well, and is not the one that wins.
 */
function takeOver({ snapshot, call }: Context): Decision | undefined {
  const isTaken = valueOf(snapshot, call, { node: call.node, key: 'score' }) === '1000';
  if (!call.probe || isTaken || !needsProof(call) || !isStandardSql(call)) return undefined;
  const steps = [
    // Between two records too few voters would be left: others wait for one that is in a promotion.
    ...setOwn(snapshot, call, { key: 'promoting', value: 'yes', must: true }),
    ...disqualifyPeers({ snapshot, call }),
    ...setOwn(snapshot, call, { key: 'score', value: '1000' }),
  ];
  return { ...proceed(...steps), otherwise: { exit: 'promoted', because: { code: 'TIMELINE_UNRECORDED' } } };
}

function isStandardSql(call: Call): boolean {
  return call.parameters.monitor_sql === parameters.monitor_sql.default;
}

/** The line that start writes; a standby that something else has started may lack it. */
const include: Step = { do: 'include in configuration', file: 'rep_mode.conf' };

/** Another look, if there has to be one: a standby is now waited for, or gone, or the server was not told. */
function secondLook({ steps, again }: Recording, answer: InstanceAnswer, { snapshot, call }: Context): Decision {
  const switched = steps.some((step) => step.do === 'write file' && step.content !== repModeConf([]));
  if (switched) return afterReload(steps, { snapshot, call });
  if (again !== 'at once' && isUnread(answer, snapshot, call))
    return afterReload([...steps, include, { do: 'reload server' }], { snapshot, call });
  return again === undefined
    ? finish('promoted', steps, unseenStandbys(answer, call))
    : settle('promoted', { steps, again }, { snapshot, call });
}

function unseenStandbys(answer: InstanceAnswer, call: Call): Reason | undefined {
  return isBlind(answer) ? { code: 'MONITOR_BLIND', user: monitorUser(call) } : undefined;
}

/** A switch of synchronous replication shows a moment after the reload, and is recorded by the same monitor. */
function afterReload(steps: readonly Step[], { snapshot, call }: Context): Decision {
  const { tmpdir, config } = call.parameters;
  const found = namesInTheWay(snapshot, call);
  const unread: Reason = { code: 'SYNC_NAMES_UNREAD', file: `${tmpdir}/rep_mode.conf`, config };
  const because: Reason = found === undefined ? unread : { code: 'SYNC_NAMES_PLACED', ...found };
  return { ...proceed(...steps, { do: 'wait', ms: 1000 }), otherwise: { exit: 'promoted', because } };
}

function monitorUser(call: Call): string {
  return call.parameters.monitor_user === '' ? call.parameters.pgdba : call.parameters.monitor_user;
}

/** standby x monitor, in replication modes. */
export function watchStandby(snapshot: Snapshot, call: Call): Decision {
  const answer = answerOf(snapshot);
  const unreadable = unreadableCluster(snapshot);
  if (unreadable !== undefined || answer === undefined) return exit('success', unreadable);
  const first = [
    ...(call.probe ? setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }) : []),
    ...receiver(answer.walReceiver ? 'normal' : 'ERROR', snapshot, call),
    ...recordObstacle({ snapshot, call }),
  ];
  if (hasPrimary(snapshot)) return watchBesidePrimary(answer, first, { snapshot, call });
  const seen = call.probe ? assuming(snapshot, call, { node: call.node, key: 'score', value: '-INFINITY' }) : snapshot;
  const decision = election(answer, seen, call);
  const steps = [...first, ...alone(snapshot, call), ...recordPromotion(answer, { snapshot, call }), ...decision.steps];
  return { ...decision, steps };
}

function watchBesidePrimary(answer: InstanceAnswer, before: readonly Step[], context: Context): Decision {
  const { snapshot, call } = context;
  if (snapshot.rogueLock === true) return finish('generic', before, { code: 'COMPARE_FIRST' });
  const ahead = outlook(snapshot, call);
  const first = [...before, ...recordOfPrimary(answer, promotedPeer(context), context)];
  if (ahead?.restart === true) return finish('generic', first, ahead.because);
  return mend(first, context) ?? watchWell(answer, first, context, ahead?.because);
}

// eslint-disable-next-line max-params -- what was found out before
function watchWell(answer: InstanceAnswer, first: readonly Step[], context: Context, because?: Reason): Decision {
  const { snapshot, call } = context;
  const cutOff = valueOf(snapshot, call, { node: call.node, key: 'dataStatus' }) === 'DISCONNECT';
  const dropping = dropLeftOver(answer, context);
  return finish(
    'success',
    [...first, ...unpublish(snapshot, call), ...(cutOff ? alone(snapshot, call) : []), ...dropping.steps],
    because ?? obstacleOf(context) ?? dropping.because,
  );
}

function alone(snapshot: Snapshot, call: Call): readonly Step[] {
  return setOwn(snapshot, call, { key: 'status', value: 'HS:alone' });
}

export function hasPrimary(snapshot: Snapshot): boolean {
  return Object.values(snapshot.cluster?.nodes ?? {}).some((node) => node.role === 'Promoted');
}

function receiver(value: string, snapshot: Snapshot, call: Call): readonly Step[] {
  return call.parameters.check_wal_receiver ? setOwn(snapshot, call, { key: 'receiverStatus', value }) : [];
}

/** standby or primary x monitor, in modes none and slave. */
export function watchSingle(snapshot: Snapshot, call: Call): Decision {
  const failed = monitorSqlFailure(snapshot);
  const steps = receiver(answerOf(snapshot)?.walReceiver === true ? 'normal' : 'ERROR', snapshot, call);
  return failed === undefined ? finish('success', steps) : finish('generic', steps, failed);
}

/** stopped x monitor. */
export function watchStopped(snapshot: Snapshot, call: Call): Decision {
  return finish('notRunning', receiver('ERROR', snapshot, call));
}

/** full x monitor: the server lives and refuses for want of connections only. A healthy primary is never demoted for that. */
export function watchFull(snapshot: Snapshot, call: Call): Decision {
  const primary = replicates(call) && !snapshot.standbySignal;
  const rogue = primary ? outrankedBy({ snapshot, call }) : undefined;
  if (rogue !== undefined) return finish('generic', expose({ snapshot, call }), rogue);
  return exit(primary ? 'promoted' : 'success', { code: 'FULL', role: primary ? 'primary' : 'running' });
}
