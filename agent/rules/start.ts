// Starting: as a standby in replication modes, as it is otherwise.
import type { Call } from '../call.ts';
import { replicates } from '../call.ts';
import { exit, finish, proceed, type Decision } from '../decision.ts';
import { answerOf, type Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { setOwn } from './attributes.ts';
import { inBackground } from './background.ts';
import { removeNotes } from './election.ts';
import { overruled, refusal } from './settings.ts';
import { recoveryConf } from './recovery-conf.ts';
import { isRogueData, markRogue, recordPromotion } from './history.ts';
import { concludePromotion } from './intent.ts';
import { startLocked } from './locked.ts';
import { awaitMonitorSql, hasPrimary, monitorSqlFailure } from './monitor.ts';
import { beforeStart, promotedElsewhere } from './rejoin.ts';
import { dropLeftOver } from './slots.ts';
import { repModeConf } from './sync.ts';

/** What makes the next start of the server one as a standby. */
function asStandby(call: Call): readonly Step[] {
  return [
    { do: 'write file', file: 'recovery.conf', content: recoveryConf(call) },
    { do: 'include in configuration', file: 'recovery.conf' },
    { do: 'write file', file: 'standby.signal', content: '' },
  ];
}

function repMode(call: Call): readonly Step[] {
  if (call.parameters.rep_mode !== 'sync') {
    return [
      { do: 'take out of configuration', file: 'rep_mode.conf' },
      { do: 'remove file', file: 'rep_mode.conf' },
    ];
  }
  return [
    { do: 'write file', file: 'rep_mode.conf', content: repModeConf([]) },
    { do: 'include in configuration', file: 'rep_mode.conf' },
  ];
}

/** Names in node_list that the cluster does not know: such a node would never be seen, and never be chosen. */
function unknownNodes(snapshot: Snapshot, call: Call): readonly string[] {
  const known = snapshot.cluster?.nodes;
  return known === undefined ? [] : call.members.filter((name) => known[name] === undefined);
}

/** stopped x start, in replication modes. */
export function startStandby(snapshot: Snapshot, call: Call): Decision {
  const unknown = unknownNodes(snapshot, call);
  if (unknown.length > 0) {
    const cluster = Object.keys(snapshot.cluster?.nodes ?? {}).join(' ');
    return exit('configured', {
      code: 'NODES_UNKNOWN',
      unknown: unknown.join(' '),
      list: call.parameters.node_list,
      cluster,
    });
  }
  const before = [...concludePromotion({ snapshot, call }).steps, ...prepareStandby(snapshot, call)];
  const first = beforeStart(snapshot, call);
  if (first !== undefined) {
    return inBackground(first, marksOf(before), { snapshot, call });
  }
  const refused = refusal({ snapshot, call });
  if (refused !== undefined) return finish(refused.exit, before, refused.because);
  const start: readonly Step[] = [{ do: 'remove file', file: 'postmaster.pid' }, startBeside(snapshot, call)];
  return snapshot.lock || isRogueData({ snapshot, call })
    ? startLocked({ before, start }, snapshot, call)
    : { ...proceed(...before, ...start), ...warning(snapshot) };
}

function marksOf(steps: readonly Step[]): readonly Step[] {
  return steps.filter((step) => step.do === 'set attribute');
}

/** Our restore_command gives only timelines of the primary's, if it is told which they are. */
function startBeside(snapshot: Snapshot, call: Call): Step {
  const isOurs = /\bcfha wal restore\b/.test(call.parameters.restore_command);
  const asking = isOurs && promotedElsewhere(snapshot) ? ({ askingPrimary: true } as const) : {};
  return { do: 'start server', ...asking, ...overruled({ snapshot, call }) };
}

/** A standby that can still be read, but will not follow. */
function warning({ evidence }: Snapshot): Pick<Decision, 'because'> {
  return evidence?.verdict === 'same history' && evidence.walGone !== undefined
    ? { because: { code: 'WAL_GONE', message: evidence.walGone } }
    : {};
}

/** Everything that comes before a start as a standby, in the order of pgsql. */
export function prepareStandby(snapshot: Snapshot, call: Call): readonly Step[] {
  return [
    { do: 'make directories' },
    // Before standby.signal is written: without it the data tell that they were a primary's.
    ...markRogue({ snapshot, call }),
    ...setOwn(snapshot, call, { key: 'status', value: 'STOP' }),
    ...setOwn(snapshot, call, { key: 'baseline', value: undefined }),
    ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY', must: true }),
    ...removeNotes(snapshot),
    ...asStandby(call),
    ...setOwn(snapshot, call, { key: 'xlogLoc', value: undefined }),
    ...setOwn(snapshot, call, { key: 'lineage', value: undefined }),
    ...repMode(call),
  ];
}

/** standby x start, in replication modes: it has come up, or ran already. */
export function startedStandby(snapshot: Snapshot, call: Call): Decision {
  const answer = answerOf(snapshot);
  const names = answer?.synchronousStandbyNames ?? '';
  if (names !== '') return exit('configured', { code: 'SYNC_NAMES_SET', names });
  const alone = setOwn(snapshot, call, { key: 'status', value: 'HS:alone' });
  if (awaitsStream(snapshot)) return proceed(...alone, { do: 'wait', ms: 500 });
  return finish('success', [
    ...(answer === undefined ? [] : dropLeftOver(answer, { snapshot, call }).steps),
    ...removeOldData(snapshot),
    ...alone,
    ...(answer === undefined || hasPrimary(snapshot) ? [] : recordPromotion(answer, { snapshot, call })),
    ...(['rejoinWord', 'evidence', 'obstacle'] as const).flatMap((key) =>
      setOwn(snapshot, call, { key, value: undefined }),
    ),
  ]);
}

function removeOldData(snapshot: Snapshot): readonly Step[] {
  return isReplaced(snapshot) && answerOf(snapshot)?.walReceiver === true ? [{ do: 'remove old data' }] : [];
}

/** A copy has replaced the data, and this is where its work ends: not in a start that has handed it over. */
function isReplaced({ copy, background }: Snapshot): boolean {
  return copy?.old === true && background !== true;
}

/** The old data stay until the new ones are proven; not for ever. */
function awaitsStream(snapshot: Snapshot): boolean {
  return isReplaced(snapshot) && answerOf(snapshot)?.walReceiver !== true && snapshot.remainingMs > 1000;
}

/** stopped x start, in modes none and slave. */
export function startSingle(snapshot: Snapshot, call: Call): Decision {
  const slave = call.parameters.rep_mode === 'slave';
  const refused = slave ? refusal({ snapshot, call }) : undefined;
  if (refused !== undefined) return exit(refused.exit, refused.because);
  return proceed(
    { do: 'make directories' },
    ...(slave ? asStandby(call) : []),
    { do: 'remove file', file: 'postmaster.pid' },
    { do: 'start server', ...(slave ? overruled({ snapshot, call }) : {}) },
  );
}

/** standby or primary x start, in modes none and slave: started only when monitor_sql succeeds, too. */
export function startedSingle(snapshot: Snapshot, call: Call): Decision {
  return monitorSqlFailure(snapshot) === undefined ? exit('success') : awaitMonitorSql(snapshot, call);
}

/** Seconds of fast shutdown: short of Pacemaker's time-out if that comes first; 0 goes straight to immediate. */
export function fastSeconds(call: Call, action: 'stop' | 'demote'): number {
  const p = call.parameters;
  const wanted = action === 'stop' && replicates(call) ? p.stop_escalate_in_slave : p.stop_escalate;
  const limit = call.timeoutMs / 1000;
  return wanted >= limit ? Math.max(0, limit - 10) : wanted;
}
