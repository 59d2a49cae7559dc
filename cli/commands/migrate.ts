// cfha migrate RESOURCE: from ocf:heartbeat:pgsql to ocf:custom:cfpgsql without stopping the database, or back.
import {
  agents,
  nextMove,
  planOf,
  rolesOf,
  warnings,
  type Move,
  type Progress,
  type Target,
} from '../../bootstrap/migrate.ts';
import { monotonicMs } from '../../lib/host/clock.ts';
import { UnreadableAnswer, type Argv, type Exec } from '../../lib/host/exec.ts';
import { spawnExec } from '../../lib/host/spawn.ts';
import { queryCibArgv } from '../../lib/pacemaker/cib.ts';
import { readRunning, refresh, setAgent, setProperty, type Running } from '../../lib/pacemaker/live.ts';

type Options = { readonly resource: string; readonly back: boolean; readonly plan: boolean; readonly yes: boolean };
type Output = { readonly out: (text: string) => void; readonly err: (text: string) => void };

const pollMs = 500;
const limitMs = 120_000;

/** Exit code 0: done, or nothing to do; 1: failed, the old agent is in place; 2: refused, nothing was changed. */
export async function migrateCommand(options: Options, { out, err }: Output): Promise<number> {
  const target: Target = options.back ? 'pgsql' : 'cfpgsql';
  if (options.plan) {
    out(
      planOf(target, options.resource)
        .map((line, n) => `${n + 1}. ${line}\n`)
        .join(''),
    );
    await warnBeforehand(options.resource, err);
    return 0;
  }
  if (!options.yes) {
    err(`cfha: this changes a running cluster; look at it with --plan, then say --yes\n`);
    return 2;
  }
  try {
    return await migrate(options.resource, target, { out, err });
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    err(`cfha: ${error.message}\n`);
    return 1;
  }
}

async function migrate(resource: string, target: Target, { out, err }: Output): Promise<number> {
  const exec = spawnExec();
  let phaseBegan = monotonicMs();
  const first = await look(resource, exec);
  warn(first, resource, err);
  let progress: Progress = { resource, target, done: [], before: rolesOf(first) };
  for (let running = first; ; running = await look(resource, exec)) {
    const move = monotonicMs() - phaseBegan > limitMs ? late(running, progress) : nextMove(running, progress);
    if (move.move === 'finished') return finished(move, { resource, target, out });
    if (move.move === 'refused' && !canPutBack(progress)) return refused(move.because, { progress, running, err });
    tell(move, out);
    await act(move, resource, exec);
    progress = after(move, progress);
    if (move.move === 'refused') phaseBegan = monotonicMs(); // putting the old agent back has its own time
  }
}

/** The plan is told where no cluster answers, too. */
async function warnBeforehand(resource: string, err: Output['err']): Promise<void> {
  try {
    warn(await look(resource, spawnExec()), resource, err);
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
  }
}

function warn(running: Running, resource: string, err: Output['err']): void {
  warnings(running).forEach((line) => err(`note: ${line.replace('RESOURCE', resource)}\n`));
}

function canPutBack({ done, rollback }: Progress): boolean {
  return done.length > 0 && rollback === undefined;
}

function after(move: Move, progress: Progress): Progress {
  if (move.move === 'refused') return { ...progress, rollback: move.because };
  return move.move === 'wait' ? progress : { ...progress, done: [...progress.done, move] };
}

function tell(move: Move, out: Output['out']): void {
  if (move.move === 'refused') out(`${move.because}: the old agent is put back\n`);
  else if (move.move === 'set agent') out(`agent ocf:${move.agent.provider}:${move.agent.type}\n`);
  else if (move.move === 'refresh') out(`refresh on ${move.node}\n`);
  else if (move.move !== 'wait') out(`${move.move}\n`);
}

/** When the time is over: back to the old agent; when that takes too long as well, the state is left with its name. */
function late(running: Running, progress: Progress): Move {
  const next = nextMove(running, progress);
  return next.move === 'wait'
    ? { move: 'refused', because: `after ${limitMs / 1000} s still waiting for ${next.for}` }
    : next;
}

type Refused = { readonly progress: Progress; readonly running: Running; readonly err: Output['err'] };

function refused(because: string, { progress: { done }, running, err }: Refused): number {
  err(`cfha: ${because}\n${endOf(done.length === 0, running)}\n`);
  return done.length === 0 ? 2 : 1;
}

function endOf(nothingDone: boolean, { agent, maintenance }: Running): string {
  if (nothingDone) return 'Nothing was changed.';
  const there = `The agent is ocf:${agent?.provider ?? '?'}:${agent?.type ?? '?'}`;
  return maintenance
    ? `${there}, and the cluster is in maintenance mode still. Run cfha migrate again for that agent; it says what is missing.`
    : `${there} again, as before.`;
}

type End = { readonly resource: string; readonly target: Target; readonly out: Output['out'] };

function finished(move: { nothingDone: boolean }, { resource, target, out }: End): number {
  const { provider, type } = agents[target];
  out(
    move.nothingDone
      ? `${resource} has the agent ocf:${provider}:${type} already; nothing was done\n`
      : `${resource} now has the agent ocf:${provider}:${type}\n`,
  );
  return 0;
}

async function look(resource: string, exec: Exec): Promise<Running> {
  const cib = await exec({ argv: queryCibArgv, timeoutMs: 10_000 });
  if (cib.code !== 0)
    throw new UnreadableAnswer(
      'the cluster does not answer on this node: is pacemaker running? (systemctl status pacemaker)',
    );
  const running = await readRunning(cib.stdout, resource);
  if (running.agent === undefined)
    throw new UnreadableAnswer(`the cluster has no resource "${resource}" (pcs resource status lists them)`);
  return running;
}

function commandOf(move: Move, resource: string): Argv | undefined {
  switch (move.move) {
    case 'maintenance on':
      return setProperty('maintenance-mode', 'true');
    case 'maintenance off':
      return setProperty('maintenance-mode', 'false');
    case 'set agent':
      return setAgent(resource, move.agent);
    case 'refresh':
      return refresh(resource, move.node);
    case 'wait':
    case 'finished':
    case 'refused':
      return undefined;
  }
}

async function act(move: Move, resource: string, exec: Exec): Promise<void> {
  const argv = commandOf(move, resource);
  if (argv === undefined) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    return;
  }
  const { code, stderr, failure } = await exec({ argv, timeoutMs: 60_000 });
  if (code !== 0)
    throw new UnreadableAnswer(
      `${argv.slice(0, 2).join(' ')} ${failure ?? `ended with ${String(code)}`}: ${stderr.trim()}; run cfha migrate again`,
    );
}
