// What status and the verbs have in common: how the region is read, and how a verb is driven to its result.
import { monotonicMs, timeOfDayMs } from '../../lib/host/clock.ts';
import { UnreadableAnswer, type Exec } from '../../lib/host/exec.ts';
import { queryCibArgv } from '../../lib/pacemaker/cib.ts';
import type { Move, Plan, Progress, Verb } from '../region/verb.ts';
import { readView, type View } from '../region/view.ts';

export type Terminal = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** True once somebody wants it to end. */
  readonly stopping: () => boolean;
  /** Nobody ends it half-way. */
  readonly unstoppable: <T>(says: string, work: () => Promise<T>) => Promise<T>;
  /** Asks at the terminal; undefined if there is none. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
};

export type VerbOptions = { readonly resource: string | undefined; readonly yes: boolean; readonly json: boolean };

/** 0 done, or nothing to do; 1 failed, or not reached in time; 2 refused, nothing was changed; 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 130;

export async function readRegion(exec: Exec, resource: string | undefined): Promise<View> {
  const cib = await exec({ argv: queryCibArgv, timeoutMs: 10_000 });
  if (cib.code !== 0)
    throw new UnreadableAnswer('the cluster does not answer on this node: is pacemaker running? (systemctl status pacemaker)'); // prettier-ignore
  return readView(cib, resource);
}

const pollMs = 250;

/** States the plan, asks, acts, and looks until the result is there. */
export async function performVerb(
  verb: Verb,
  options: VerbOptions,
  world: Terminal & { exec: Exec },
): Promise<ExitCode> {
  const teller = tellerOf(options.json, world);
  try {
    const before = await readRegion(world.exec, options.resource);
    const plan = verb.plan(before);
    teller.plan(plan);
    if (!('plan' in plan)) return 'nothing' in plan ? 0 : 2;
    if (!options.yes && !(await consents(world))) return 2;
    return await drive(verb, before, { options, world, teller });
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    world.err(`cfha: ${error.message}\n`);
    return 1;
  }
}

async function consents({ ask, err }: Terminal): Promise<boolean> {
  const consent = ask !== undefined && (await ask('Go on? [y/N] '));
  if (!consent) err(`cfha: ${ask === undefined ? 'say --yes to do it' : 'nothing was changed'}\n`);
  return consent;
}

type Context = {
  readonly options: VerbOptions;
  readonly world: Terminal & { exec: Exec };
  readonly teller: ReturnType<typeof tellerOf>;
};

async function drive(verb: Verb, before: View, { options, world, teller }: Context): Promise<ExitCode> {
  let progress: Progress = { before, done: [], sinceMs: 0, quietMs: 0, nowMs: timeOfDayMs(), stopping: false };
  let since = monotonicMs();
  let news = { for: '', at: since };
  let view = before;
  for (;;) {
    const now = monotonicMs();
    const times = { sinceMs: now - since, quietMs: now - news.at, nowMs: timeOfDayMs() };
    const move = verb.next(view, { ...progress, ...times, stopping: world.stopping() });
    news = newsOf(move, news, now);
    teller.move(move);
    if (move.move === 'end') return move.code === 1 && world.stopping() ? 130 : move.code;
    if (move.move === 'run') {
      await runMove(move, world.exec);
      progress = { ...progress, done: [...progress.done, move.mark] };
      since = monotonicMs();
    } else await new Promise((resolve) => setTimeout(resolve, pollMs));
    view = (await readAgain(world.exec, options.resource)) ?? view;
  }
}

type News = { readonly for: string; readonly at: number };

/** What is waited for, and since when it is the same. */
function newsOf(move: Move, before: News, now: number): News {
  const waitsFor = move.move === 'wait' ? move.for : '';
  return waitsFor !== '' && waitsFor === before.for ? before : { for: waitsFor, at: now };
}

/** The cluster may be silent for a moment; the verb's own limits end the waiting. */
async function readAgain(exec: Exec, resource: string | undefined): Promise<View | undefined> {
  try {
    return await readRegion(exec, resource);
  } catch (error) {
    if (error instanceof UnreadableAnswer) return undefined;
    throw error;
  }
}

async function runMove({ argv, says }: Extract<Move, { move: 'run' }>, exec: Exec): Promise<void> {
  const { code, stderr, failure } = await exec({ argv, timeoutMs: 60_000 });
  if (code !== 0)
    throw new UnreadableAnswer(`${says}: ${argv[0]} ${failure ?? `ended with ${String(code)}`}: ${stderr.trim()}; run the same command again`); // prettier-ignore
}

/** Sentences for people on standard output, or one JSON object a line for programs. */
function tellerOf(json: boolean, { out, err }: Pick<Terminal, 'out' | 'err'>) {
  let waitingFor = '';
  const event = (name: string, of: object): void => out(`${JSON.stringify({ event: name, ...of })}\n`);
  return {
    plan: (plan: Plan): void => {
      if (json) return event('plan', plan);
      if ('nothing' in plan) out(`${plan.nothing}; nothing was done\n`);
      else if ('refused' in plan) err(`cfha: ${plan.refused}\nNothing was changed. To do: ${plan.todo}\n`);
      else out(`${plan.plan.map((line, n) => `${n + 1}. ${line}\n`).join('')}Clients wait: ${plan.wait}\n`);
    },
    move: (move: Move): void => {
      if (move.move === 'wait' && move.for === waitingFor) return;
      waitingFor = move.move === 'wait' ? move.for : '';
      if (json) return event(move.move, { ...move, move: undefined });
      if (move.move === 'run') out(`${move.says}\n`);
      else if (move.move === 'wait') out(`waiting until ${move.for} (${move.seconds} s at most)\n`);
      else (move.code === 0 ? out : err)(`${move.says.join('\n')}\n`);
    },
  };
}
