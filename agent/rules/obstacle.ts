// What keeps a standby from taking over as it is: recorded for all to see, and mended where a restart mends it.
import { say, type Reason } from '../reasons.ts';
import type { Call } from '../call.ts';
import { proceed, type Context, type Decision } from '../decision.ts';
import { limitNames, type Limits } from '../../lib/postgres/limits.ts';
import { answerOf, type Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { setOwn, valueOf } from './attributes.ts';
import { allowed } from './rejoin.ts';
import { isMissed } from './settings-look.ts';
import { knownOf, outranking, overruled, refusal } from './settings.ts';

/** What keeps a standby that runs from taking over as it is; undefined: nothing that is known. */
export function obstacleOf({ snapshot, call }: Context): Reason | undefined {
  const paused = answerOf(snapshot)?.pausedWith;
  return paused === undefined ? outranked({ snapshot, call }) : pause(paused, knownOf(snapshot)?.limits);
}

function pause(here: Limits, primary: Limits | undefined): Reason {
  const below = limitNames.flatMap((name) =>
    primary !== undefined && here[name] < primary[name]
      ? [`${name} is ${here[name]}, the primary's is ${primary[name]}`]
      : [],
  );
  return below.length === 0 ? { code: 'REPLAY_PAUSED' } : { code: 'LIMITS_BELOW', settings: below.join('; ') };
}

function outranked({ snapshot, call }: Context): Reason | undefined {
  const known = knownOf(snapshot);
  if (known === undefined || !isMissed(snapshot, call)) return undefined;
  const inForce = outranking(known, call).filter(({ name }) => known.given?.includes(name) !== true);
  const settings = inForce.map(({ name, instead }) => `${name} in ${instead}`).join(', ');
  return inForce.length === 0 ? undefined : { code: 'SETTING_OUTRANKS', settings };
}

function inWords(because: Reason): string {
  return `${because.code}: ${say(because)}`;
}

/** The record of it, or that there is none any more. */
export function recordObstacle(context: Context): readonly Step[] {
  const because = obstacleOf(context);
  return setOwn(context.snapshot, context.call, {
    key: 'obstacle',
    value: because === undefined ? undefined : inWords(because),
  });
}

/** A primary has none. */
export function forgetObstacle(snapshot: Snapshot, call: Call): readonly Step[] {
  return setOwn(snapshot, call, { key: 'obstacle', value: undefined });
}

/** As a standby, with what it lacked on its command line. */
export function restartSteps({ snapshot, call }: Context): readonly Step[] {
  return [
    { do: 'stop server', fastSeconds: Math.min(call.parameters.stop_escalate_in_slave, call.timeoutMs / 2000) },
    { do: 'start server', ...overruled({ snapshot, call }) },
  ];
}

/** Below this the restart is left to another monitor. */
const leastMs = 8000;

/**
 * Restarts a standby that only a restart mends, here and not by a failing monitor: it would be kept off its node for as long as
 * failure-timeout says. Once, where the agent may make standbys again by itself: what is recorded already is not tried again.
 */
export function mend(first: readonly Step[], context: Context): Decision | undefined {
  const { snapshot, call } = context;
  const because = obstacleOf(context);
  if (because === undefined || because.code === 'REPLAY_PAUSED' || !mayRestart(context)) return undefined;
  if (valueOf(snapshot, call, { node: call.node, key: 'obstacle' }) === inWords(because)) return undefined;
  const steps = [...first, ...recordObstacle(context), ...restartSteps(context)];
  return { ...proceed(...steps), because, otherwise: { exit: 'success', because } };
}

function mayRestart(context: Context): boolean {
  const { snapshot, call } = context;
  const time = !call.probe && snapshot.remainingMs >= leastMs;
  return time && allowed(context).ways.length > 0 && refusal(context) === undefined;
}
