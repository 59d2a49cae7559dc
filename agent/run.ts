// The loop: look, decide, act; look again until the decision is an exit. Nothing else loops or retries.
import type { Exit } from '../meta/exits.ts';
import type { Call } from './call.ts';
import { decide, type Action } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Reason } from './reasons.ts';
import type { Snapshot } from './snapshot.ts';
import { describe, type Step } from './steps.ts';

/** Everything outside: what is there, what can be done, who is told. */
export interface World {
  look(): Promise<Snapshot>;
  /** Returns why it failed, if it did. */
  act(step: Step): Promise<Reason | undefined>;
  tell(decision: Decision, snapshot: Snapshot): void;
}

/** How an action ended, and why where there is something to say. */
export type End = { readonly exit: Exit; readonly because?: Reason };

/** Runs one action to its end. */
export async function run(action: Action, call: Call, world: World): Promise<End> {
  let before = '';
  for (;;) {
    const snapshot = await world.look();
    const decision = guard(decide(action, snapshot, call), before);
    before = signature(decision);
    world.tell(decision, snapshot);
    const failure = await actAll(decision.steps, world);
    if (failure !== undefined) return failure;
    const { then, because } = decision;
    if (then !== 'look again') return because === undefined ? { exit: then } : { exit: then, because };
  }
}

async function actAll(steps: readonly Step[], world: World): Promise<End | undefined> {
  for (const step of steps) {
    const because = await world.act(step);
    // pgsql's answer where a log file or a directory cannot be made: not on this node, perhaps on another.
    if (because !== undefined) return { exit: step.do === 'make directories' ? 'permission' : 'generic', because };
  }
  return undefined;
}

function signature({ steps, then }: Decision): string {
  const only = steps.filter((step) => step.do !== 'wait');
  return then === 'look again' && only.length > 0 ? JSON.stringify(only) : '';
}

/** Steps that leave everything as it was would be repeated for ever: that is an error, and it says so at once. */
function guard(decision: Decision, before: string): Decision {
  if (before === '' || signature(decision) !== before) return decision;
  const { otherwise } = decision;
  if (otherwise !== undefined) return { steps: [], then: otherwise.exit, because: otherwise.because };
  return {
    steps: [],
    then: 'generic',
    because: { code: 'NO_PROGRESS', steps: decision.steps.map(describe).join(', ') },
  };
}
