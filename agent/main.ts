// cfpgsql: the resource agent. The only file of the agent that touches `process`.
import { monotonicMs } from '../lib/host/clock.ts';
import { findUser, type User } from '../lib/host/identity.ts';
import { spawnExec } from '../lib/host/spawn.ts';
import { actionNames, isActionName } from '../meta/actions.ts';
import { exits } from '../meta/exits.ts';
import { parameters as declared } from '../meta/parameters.ts';
import { metadataXml } from '../meta/xml.ts';
import { askedBefore } from './asked.ts';
import type { Call, Environment } from './call.ts';
import type { Action } from './decide.ts';
import { readJob, removeJob, writeJob } from './job.ts';
import { lives } from './look.ts';
import { needs } from './needs.ts';
import { writeProgress } from './progress.ts';
import { tell, type Reason } from './reasons.ts';
import { validate, type Verdict } from './rules/validate.ts';
import { run, type End, type World } from './run.ts';
import { carriedOn } from './server-environment.ts';
import { callOf, deadlineOf, machineOf, toolEnvironment, type Site } from './site.ts';
import { ahead, realWorld, type Log } from './world.ts';

/** Answers one call of Pacemaker: the action is the only argument. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { exit, because } = await answer(args, monotonicMs()).catch((bug: unknown): End => {
    return {
      exit: 'generic',
      because: { code: 'BUG', message: bug instanceof Error ? (bug.stack ?? bug.message) : String(bug) },
    };
  });
  const well = exit === 'success' || exit === 'promoted' || exit === 'notRunning';
  const prefix = well && because?.code !== 'MONITOR_BLIND' ? 'INFO: ' : 'ocf-exit-reason:';
  if (because !== undefined) process.stderr.write(`${prefix}${tell(because)}\n`);
  return exits[exit].code;
}

const log: Log = (severity, text) => process.stderr.write(`${severity.toUpperCase()}: ${text}\n`);

async function answer([argument, ...more]: readonly string[], started: number): Promise<End> {
  if (argument === 'rejoin' && more.length === 1) return rejoin(more.join(), started);
  return argument === undefined || more.length > 0
    ? { exit: 'generic', because: { code: 'USAGE' } }
    : answerOne(argument, started);
}

async function answerOne(argument: string, started: number): Promise<End> {
  const environment = process.env;
  if (argument === 'meta-data') return print(metadataXml(environment['OCF_RESKEY_pgdata'] ?? declared.pgdata.default));
  if (argument === 'methods') return print(actionNames.map((name) => `${name}\n`).join(''));
  return argument === 'status'
    ? perform('monitor', { environment, started, livesOnly: true })
    : perform(argument, { environment, started });
}

function print(text: string): End {
  process.stdout.write(text);
  return { exit: 'success' };
}

const callerUid = (): number => process.getuid?.() ?? -1;
const root: User = { name: 'root', uid: 0, gid: 0, home: '/root' };

/** Far enough for every copy, and near enough for a timer. */
const jobMs = 14 * 86_400_000;

/** The unit of the work in the background calls this: a start whose steps take what they need. docs/decisions/0010. */
async function rejoin(resource: string, started: number): Promise<End> {
  const record = readJob(resource);
  if (record === undefined) return { exit: 'generic', because: { code: 'USAGE' } };
  const environment = { ...process.env, ...record.environment };
  const end = await perform('start', { environment, started, job: true }).catch((bug: unknown): End => {
    return { exit: 'generic', because: { code: 'BUG', message: String(bug) } };
  });
  if (end.exit === 'success') removeJob(resource);
  else writeJob(resource, { ...record, failed: end.because ?? { code: 'NOT_RUNNING', action: 'start' } });
  return end;
}

type How = {
  readonly environment: Environment;
  /** When the call began, by the monotonic clock in ms. */
  readonly started: number;
  /** The question of `status`, which is only whether the server lives. */
  readonly livesOnly?: boolean;
  readonly job?: true;
};

async function perform(action: string, { environment, started, livesOnly, job }: How): Promise<End> {
  const exec = spawnExec(() => toolEnvironment(environment));
  const { call, problems } = await callOf(action, environment, exec);
  const user = await findUser(call.parameters.pgdba, exec);
  const asked = askedBefore(environment);
  const of = {
    call,
    user: user ?? root,
    exec,
    environment: () => carriedOn(environment),
    asked,
    ...timesOf(call, started, job),
  };
  const begun =
    isSteady(action, of, livesOnly) && problems.length === 0
      ? ahead(realWorld({ ...of, action: 'monitor' }, log))
      : undefined;
  if (begun === undefined) asked?.drop();
  else await afterKnocking();
  const wrong = whatIsWrong(action, problems, { call, user });
  if (wrong === undefined) return performValid(action, of, { livesOnly, begun });
  await begun?.look().catch(() => undefined); // no program of ours outlives us
  return { exit: wrong.exit, because: wrong.reason };
}

type Begun = { readonly livesOnly: boolean | undefined; readonly begun: World | undefined };

async function performValid(action: string, of: Omit<Site, 'action'>, { livesOnly, begun }: Begun): Promise<End> {
  if (action === 'validate-all') return { exit: 'success' };
  if (!isAction(action)) return { exit: 'unimplemented', because: { code: 'UNKNOWN_ACTION', action } };
  const site = { ...of, action };
  if (livesOnly === true) return { exit: lives(site) ? 'success' : 'notRunning' };
  const end = await run(action, site.call, begun ?? realWorld(site, log));
  if (site.job === true) await writeProgress(site, undefined);
  return end;
}

/** The monitor that comes every few seconds: it looks, which changes nothing, while its parameters are validated. docs/decisions/0011. */
function isSteady(action: string, { call }: Pick<Site, 'call'>, livesOnly = false): boolean {
  return action === 'monitor' && !livesOnly && !call.probe && needs(action, call).cluster;
}

/** One turn of the event loop: what has begun to connect says who it is, and the server has its work while we do ours. */
function afterKnocking(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function timesOf(call: Call, started: number, job: true | undefined): Pick<Site, 'deadline' | 'job' | 'patience'> {
  const deadline = deadlineOf(call, started);
  return job === true ? { job, patience: deadline - started, deadline: started + jobMs } : { deadline };
}

/** A stop ends the server however wrong the rest is: otherwise the node is fenced for a typing error. */
function whatIsWrong(
  action: string,
  problems: readonly string[],
  { call, user }: { call: Call; user: User | undefined },
): Verdict | undefined {
  if (action === 'stop') return undefined;
  const reason: Reason = { code: 'PARAMETERS_WRONG', problems: problems.join('; ') };
  return problems.length > 0
    ? { exit: 'configured', reason }
    : validate(action, call, machineOf(call, user, callerUid()));
}

function isAction(action: string): action is Action {
  return isActionName(action) && !['meta-data', 'methods', 'validate-all', 'status'].includes(action);
}
