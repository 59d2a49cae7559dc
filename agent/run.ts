// The loop: look, decide, act; look again until the decision is an exit. Nothing else loops or retries.
// It is written once, as a course of turns: `run` takes the turns in this machine, the simulator in its pretend ones.
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

/** What the course needs next from outside. */
export type Turn =
  | { readonly turn: 'look' }
  | { readonly turn: 'tell'; readonly decision: Decision; readonly snapshot: Snapshot }
  | { readonly turn: 'act'; readonly step: Step };

/** The answer to a turn: a snapshot to `look`, a reason to an `act` that failed. */
export type Reply = Snapshot | Reason | undefined;

/** One action from its first look to its end. It may be dropped after any turn, as an agent may be killed. */
export function* course(action: Action, call: Call): Generator<Turn, End, Reply> {
  let before: readonly Step[] = [];
  for (;;) {
    const snapshot = (yield { turn: 'look' }) as Snapshot;
    const decided = decide(action, snapshot, call);
    const now = changing(decided);
    const decision = isSame(now, before) ? unchanged(decided) : decided;
    before = now;
    yield { turn: 'tell', decision, snapshot };
    for (const step of decision.steps) {
      const because = (yield { turn: 'act', step }) as Reason | undefined;
      // pgsql's answer where a log file or a directory cannot be made: not on this node, perhaps on another.
      if (because !== undefined) return { exit: step.do === 'make directories' ? 'permission' : 'generic', because };
    }
    const { then, because } = decision;
    if (then !== 'look again') return because === undefined ? { exit: then } : { exit: then, because };
  }
}

/** Runs one action to its end. */
export async function run(action: Action, call: Call, world: World): Promise<End> {
  const turns = course(action, call);
  let next = turns.next();
  while (next.done !== true) next = turns.next(await take(next.value, world));
  return next.value;
}

async function take(turn: Turn, world: World): Promise<Reply> {
  switch (turn.turn) {
    case 'look':
      return world.look();
    case 'act':
      return world.act(turn.step);
    case 'tell':
      world.tell(turn.decision, turn.snapshot);
      return undefined;
  }
}

/** The steps after which something else should be found. */
function changing({ steps, then }: Decision): readonly Step[] {
  return then === 'look again' ? steps.filter((step) => step.do !== 'wait') : [];
}

function isSame(now: readonly Step[], before: readonly Step[]): boolean {
  return now.length > 0 && now.length === before.length && JSON.stringify(now) === JSON.stringify(before);
}

/** Steps that leave everything as it was would be repeated for ever: that is an error, and it says so at once. */
function unchanged({ steps, otherwise }: Decision): Decision {
  if (otherwise !== undefined) return { steps: [], then: otherwise.exit, because: otherwise.because };
  return {
    steps: [],
    then: 'generic',
    because: { code: 'NO_PROGRESS', steps: steps.map(describe).join(', ') },
  };
}
