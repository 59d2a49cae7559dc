// Stopping and demoting (which, as with pgsql, ends stopped).
import { replicates, type Call } from '../call.ts';
import { finish, proceed, type Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { setOwn, valueOf } from './attributes.ts';
import { publishEnd } from './handover.ts';
import { overruled, refusal } from './settings.ts';
import { isRogueData, markRogue } from './history.ts';
import { concludePromotion } from './intent.ts';
import { fastSeconds, prepareStandby } from './start.ts';
import { repModeConf } from './sync.ts';

/** A server that ends receives nothing. */
export function forgetReceiver(snapshot: Snapshot, call: Call): readonly Step[] {
  return call.parameters.check_wal_receiver ? setOwn(snapshot, call, { key: 'receiverStatus', value: undefined }) : [];
}

/** stopped x stop, in modes none and slave. */
export function stoppedSingle(snapshot: Snapshot, call: Call): Decision {
  return finish('success', forgetReceiver(snapshot, call));
}

/** Any living server x demote, in replication modes. */
export function demoteServer(snapshot: Snapshot, call: Call): Decision {
  // Nobody else runs, so nobody can have newer data: the next start is allowed. Only after the server is known to be gone.
  const isRogue = isRogueData({ snapshot, call });
  const unlock: readonly Step[] = call.alone && !isRogue ? [{ do: 'remove file', file: 'PGSQL.lock' }] : [];
  // What is written out now, while clients still work, the shutdown need not write while they wait.
  const before: readonly Step[] = staysStandby(call) ? [{ do: 'checkpoint' }] : [];
  return proceed(
    ...before,
    ...concludePromotion({ snapshot, call }).steps,
    ...markRogue({ snapshot, call }),
    ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }),
    ...setOwn(snapshot, call, { key: 'baseline', value: undefined }),
    ...forgetReceiver(snapshot, call),
    { do: 'stop server', fastSeconds: fastSeconds(call, 'demote') },
    ...unlock,
  );
}

/** True if a demotion leaves a standby. A promotion by a restart keeps the timeline, and so no proof of a common history. */
function staysStandby(call: Call): boolean {
  return call.parameters.demote_to === 'standby' && !call.parameters.restart_on_promote;
}

/** A promotion that failed is concluded by a stopped server's files. */
function isPromoting(snapshot: Snapshot, call: Call): boolean {
  return valueOf(snapshot, call, { node: call.node, key: 'promoting' }) !== undefined;
}

/** standby x demote, in replication modes: with demote_to=standby it is what was asked for. */
export function demoteStandby(snapshot: Snapshot, call: Call): Decision {
  if (!staysStandby(call) || isPromoting(snapshot, call)) return demoteServer(snapshot, call);
  return finish('success', [
    ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }),
    ...setOwn(snapshot, call, { key: 'status', value: 'HS:alone' }),
  ]);
}

/** stopped x demote, in replication modes. */
export function demoted(snapshot: Snapshot, call: Call): Decision {
  // Only after a shutdown checkpoint: a server that crashed first is Pacemaker's to recover, lock and all.
  // What a start would refuse is left to the start, which says why.
  const isRogue = isRogueData({ snapshot, call });
  const goesOn =
    staysStandby(call) && !isRogue && !isPromoting(snapshot, call) && refusal({ snapshot, call }) === undefined;
  if (goesOn && snapshot.cleanShutdown === true) {
    // The lock keeps a former primary from starting unseen. This one is seen: what its WAL has beyond the new primary's
    // history keeps it from streaming, which the new primary records, and from being promoted.
    const unlock: Step = { do: 'remove file', file: 'PGSQL.lock' };
    // What it will be is written once: clients wait, and each write of an attribute is a process.
    const alone = setOwn(snapshot, call, { key: 'status', value: 'HS:alone' });
    const prepared = prepareStandby(snapshot, call).filter(
      (step) => step.do !== 'set attribute' || step.key !== 'status',
    );
    // For the same reason nobody waits here until it is ready: its first monitor does, while clients work again.
    const start: Step = { do: 'start server', unattended: true, ...overruled({ snapshot, call }) };
    return finish('success', [...publishEnd(snapshot, call), ...alone, ...prepared, unlock, start]);
  }
  const promotion = concludePromotion({ snapshot, call });
  const steps: readonly Step[] = [
    ...promotion.steps,
    ...(staysStandby(call) && !isRogue ? publishEnd(snapshot, call) : []),
    ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }),
    ...setOwn(snapshot, call, { key: 'baseline', value: undefined }),
    ...setOwn(snapshot, call, { key: 'status', value: 'STOP' }),
  ];
  return finish('success', steps, promotion.because);
}

/** Any living server x stop. */
export function stopServer(snapshot: Snapshot, call: Call): Decision {
  const attributes = replicates(call)
    ? [
        ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }),
        ...setOwn(snapshot, call, { key: 'xlogLoc', value: undefined }),
        ...setOwn(snapshot, call, { key: 'lineage', value: undefined }),
        ...markRogue({ snapshot, call }),
      ]
    : [];
  return proceed(...concludePromotion({ snapshot, call }).steps, ...attributes, ...forgetReceiver(snapshot, call), {
    do: 'stop server',
    fastSeconds: fastSeconds(call, 'stop'),
  });
}

/** stopped x stop, in replication modes. */
export function stopped(snapshot: Snapshot, call: Call): Decision {
  const sync = call.parameters.rep_mode === 'sync' && (snapshot.syncNames ?? []).length > 0;
  const promotion = concludePromotion({ snapshot, call });
  const steps: readonly Step[] = [
    ...promotion.steps,
    ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }),
    ...setOwn(snapshot, call, { key: 'xlogLoc', value: undefined }),
    ...setOwn(snapshot, call, { key: 'lineage', value: undefined }),
    ...setOwn(snapshot, call, { key: 'status', value: 'STOP' }),
    ...(sync ? [{ do: 'write file', file: 'rep_mode.conf', content: repModeConf([]) } as const] : []),
    ...setOwn(snapshot, call, { key: 'baseline', value: undefined }),
  ];
  return finish('success', steps, promotion.because);
}
