// The loop over goals: what holds is left alone, what does not is made to hold and seen to hold.
import type { Facts } from './facts.ts';
import type { Command, Goal } from './goal.ts';
import type { Report } from './reports.ts';

export type Progress = { readonly goal: Pick<Goal, 'id' | 'says'>; readonly n: number; readonly of: number };

export type GoalState = 'holds' | 'begun' | 'reached' | 'waits';

/** What a look found: the facts of all nodes, or which one does not answer. */
type Seen<F> = { readonly facts: F } | { readonly lost: Report };

/** What reaching works in: the real hosts, or pretended ones. */
export interface World<F = Facts> {
  /** Looks at all nodes at once. */
  look(): Promise<Seen<F>>;
  /** Runs a command; what it says is why it failed. */
  act(command: Command): Promise<{ readonly failed: string } | undefined>;
  wait(seconds: number): Promise<void>;
  /** A clock that only goes forward. */
  seconds(): number;
  /** Whether somebody asked to stop after the current command. */
  stopping(): boolean;
  /** `waits`: it does not hold, and its commands would restart what a person has not said may be. */
  tell(progress: Progress, state: GoalState, lacks: readonly string[]): void;
  /** Whether what runs may be restarted. */
  readonly mayRestart: boolean;
  /** What a person would look at when a goal is not reached. */
  evidence(): Promise<string>;
}

export type Outcome<F = Facts> =
  | { readonly ended: 'done'; readonly facts: F; readonly executed: number; readonly waiting: readonly Goal<F>[] }
  | { readonly ended: 'failed'; readonly report: Report }
  | { readonly ended: 'interrupted'; readonly before: string };

type Unfinished = Exclude<Outcome, { ended: 'done' }>;
type Step<F> = { readonly facts: F; readonly executed: number } | Unfinished;

/** Reaches the goals in their order. */
export async function reach<F>(goals: readonly Goal<F>[], first: F, world: World<F>): Promise<Outcome<F>> {
  let facts = first;
  let executed = 0;
  const waiting: Goal<F>[] = [];
  for (const [index, goal] of goals.entries()) {
    const progress = { goal, n: index + 1, of: goals.length };
    const lacks = goal.lacks(facts);
    const state = stateOf(goal, facts, world);
    world.tell(progress, state, lacks);
    if (state === 'waits') waiting.push(goal);
    if (state !== 'begun') continue;
    const step = await reachOne(goal, facts, world);
    if ('ended' in step) return step;
    ({ facts } = step);
    executed += step.executed;
    world.tell(progress, 'reached', []);
  }
  return { ended: 'done', facts, executed, waiting };
}

function stateOf<F>(goal: Goal<F>, facts: F, { mayRestart }: World<F>): GoalState {
  if (goal.lacks(facts).length === 0) return 'holds';
  return mayRestart || (goal.restarts?.(facts) ?? []).length === 0 ? 'begun' : 'waits';
}

async function reachOne<F>(goal: Goal<F>, facts: F, world: World<F>): Promise<Step<F>> {
  const commands = goal.commands(facts);
  for (const command of commands) {
    if (world.stopping()) return { ended: 'interrupted', before: `${command.on}: ${command.says}` };
    const result = await world.act(command);
    if (result !== undefined) return failed(goal, command, result.failed);
  }
  const seen = await lookUntil(goal, world);
  return 'ended' in seen ? seen : { facts: seen.facts, executed: commands.length };
}

/** Looks until the goal holds or its time is over. A node that does not answer may be one that is just restarting. */
async function lookUntil<F>(goal: Goal<F>, world: World<F>): Promise<{ facts: F } | Unfinished> {
  const deadline = world.seconds() + (goal.withinSeconds ?? 0);
  for (;;) {
    if (world.stopping()) return { ended: 'interrupted', before: `"${goal.says}"` };
    const seen = await world.look();
    if ('facts' in seen && goal.lacks(seen.facts).length === 0) return seen;
    if (world.seconds() >= deadline) return { ended: 'failed', report: await notReached(goal, seen, world) };
    await world.wait(2);
  }
}

function failed({ id }: { readonly id: string }, command: Command, because: string): Unfinished {
  const report = { code: 'COMMAND_FAILED', host: command.on, goal: id, command: command.says, because } as const;
  return { ended: 'failed', report };
}

async function notReached<F>(goal: Goal<F>, seen: Seen<F>, world: World<F>): Promise<Report> {
  if ('lost' in seen) return seen.lost;
  const evidence = goal.withinSeconds === undefined ? '' : await world.evidence();
  return { code: 'NOT_REACHED', goal: goal.id, lacks: goal.lacks(seen.facts).join('; '), evidence };
}
