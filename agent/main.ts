// cfpgsql: the resource agent. The only file of the agent that touches `process`.
import { findUser, type User } from '../lib/host/identity.ts';
import { spawnExec } from '../lib/host/spawn.ts';
import { actionNames, isActionName } from '../meta/actions.ts';
import { exits, type Exit } from '../meta/exits.ts';
import { parameters as declared } from '../meta/parameters.ts';
import { metadataXml } from '../meta/xml.ts';
import type { Action } from './decide.ts';
import { lives, type Site } from './look.ts';
import { say, type Reason } from './reasons.ts';
import { validate, type Verdict } from './rules/validate.ts';
import { run, type End } from './run.ts';
import { callOf, deadlineOf, machineOf, toolEnvironment } from './site.ts';
import { realWorld, type Log } from './world.ts';

/** Answers one call of Pacemaker: the action is the only argument. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { exit, because } = await answer(args, Date.now()).catch((bug: unknown): End => {
    return {
      exit: 'generic',
      because: { code: 'BUG', message: bug instanceof Error ? (bug.stack ?? bug.message) : String(bug) },
    };
  });
  const well = exit === 'success' || exit === 'promoted' || exit === 'notRunning';
  if (because !== undefined) tell(because, well && because.code !== 'MONITOR_BLIND' ? 'INFO: ' : 'ocf-exit-reason:');
  return exits[exit].code;
}

function tell(reason: Reason, prefix: string): void {
  process.stderr.write(`${prefix}${say(reason)} [${reason.code}]\n`);
}

const log: Log = (severity, text) => process.stderr.write(`${severity.toUpperCase()}: ${text}\n`);

async function answer([argument, ...more]: readonly string[], started: number): Promise<End> {
  const env = process.env;
  if (argument === undefined || more.length > 0) return { exit: 'generic', because: { code: 'USAGE' } };
  if (argument === 'meta-data') return print(metadataXml(env['OCF_RESKEY_pgdata'] ?? declared.pgdata.default));
  if (argument === 'methods') return print(actionNames.map((name) => `${name}\n`).join(''));
  return perform(argument === 'status' ? 'monitor' : argument, argument === 'status', started);
}

function print(text: string): End {
  process.stdout.write(text);
  return { exit: 'success' };
}

const callerUid = (): number => process.getuid?.() ?? -1;
const root: User = { name: 'root', uid: 0, gid: 0, home: '/root' };

/** `livesOnly`: the question of `status`, which is only whether the server lives. */
async function perform(action: string, livesOnly: boolean, started: number): Promise<End> {
  const env = process.env;
  const exec = spawnExec(toolEnvironment(env));
  const { call, problems } = await callOf(action, env, exec);
  const user = await findUser(call.parameters.pgdba, exec);
  // A stop ends the server however wrong the rest is: otherwise the node is fenced for a typing error.
  const wrong =
    action === 'stop'
      ? undefined
      : (wrongParameters(problems) ?? validate(action, call, machineOf(call, user, callerUid())));
  if (wrong !== undefined) return { exit: wrong.exit, because: wrong.reason };
  if (action === 'validate-all') return { exit: 'success' };
  if (!isAction(action)) return { exit: 'unimplemented', because: { code: 'UNKNOWN_ACTION', action } };
  const site = { action, call, user: user ?? root, exec, deadline: deadlineOf(call, started) };
  return livesOnly ? { exit: livesExit(site) } : run(action, call, realWorld(site, log));
}

function livesExit(site: Site): Exit {
  return lives(site) ? 'success' : 'notRunning';
}

function wrongParameters(problems: readonly string[]): Verdict | undefined {
  const reason: Reason = { code: 'PARAMETERS_WRONG', problems: problems.join('; ') };
  return problems.length > 0 ? { exit: 'configured', reason } : undefined;
}

function isAction(action: string): action is Action {
  return isActionName(action) && !['meta-data', 'methods', 'validate-all', 'status'].includes(action);
}
