// What a rule answers: steps, and whether to look again or to end with an exit code.
import type { Exit } from '../meta/exits.ts';
import type { Call } from './call.ts';
import type { Reason } from './reasons.ts';
import type { Snapshot } from './snapshot.ts';
import type { Step } from './steps.ts';

export type Decision = {
  readonly steps: readonly Step[];
  readonly then: 'look again' | Exit;
  /** The exit if the steps turn out to change nothing. Not given: that is an error. */
  readonly otherwise?: { readonly exit: Exit; readonly because: Reason };
  /** Why; with a failing exit it becomes Pacemaker's exit reason. */
  readonly because?: Reason;
};

/** What every rule knows, for functions that take more than it. */
export type Context = { readonly snapshot: Snapshot; readonly call: Call };

/** A cell of the table: a decision, or a rule that makes one. */
export type Rule = (snapshot: Snapshot, call: Call) => Decision;

export function exit(then: Exit, because?: Reason): Decision {
  return { steps: [], then, ...(because === undefined ? {} : { because }) };
}

export function finish(then: Exit, steps: readonly Step[], because?: Reason): Decision {
  return { ...exit(then, because), steps };
}

export function proceed(...steps: readonly Step[]): Decision {
  return { steps, then: 'look again' };
}

const pollMs = 200;
/** Below this the agent ends by itself: Pacemaker's own time-out would kill it without a reason. */
const leastMs = 500;

/** Looks again until something else is found; when the time is nearly over, fails with what was found. */
export function waitElse(
  because: (snapshot: Snapshot, call: Call) => Reason,
): (snapshot: Snapshot, call: Call) => Decision {
  return function wait(snapshot, call) {
    return snapshot.remainingMs > leastMs + pollMs
      ? proceed({ do: 'wait', ms: pollMs })
      : exit('generic', because(snapshot, call));
  };
}
