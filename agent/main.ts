// cfpgsql: the resource agent. The only file of the agent that touches `process`.
import { isProgram, mayWrite, readText } from '../lib/host/disk.ts';
import { path, type Exec } from '../lib/host/exec.ts';
import { findUser, groupsOf, type User } from '../lib/host/identity.ts';
import { spawnExec } from '../lib/host/spawn.ts';
import { localNameArgv } from '../lib/pacemaker/attributes.ts';
import { actionNames, advertised, isActionName } from '../meta/actions.ts';
import { exits } from '../meta/exits.ts';
import { parameters as declared } from '../meta/parameters.ts';
import { metadataXml } from '../meta/xml.ts';
import { readCall, readParameters, replicates, type Call } from './call.ts';
import type { Action } from './decide.ts';
import { say, type Reason } from './reasons.ts';
import { validate, type Machine } from './rules/validate.ts';
import { run, type End } from './run.ts';
import { realWorld, type Log } from './world.ts';

const env = process.env;

/** Answers one call of Pacemaker: the action is the only argument, the exit code the answer. */
export async function main(): Promise<void> {
  const { exit, because } = await answer(process.argv.slice(2)).catch((bug: unknown): End => {
    return {
      exit: 'generic',
      because: { code: 'BUG', message: bug instanceof Error ? (bug.stack ?? bug.message) : String(bug) },
    };
  });
  const well = exit === 'success' || exit === 'promoted' || exit === 'notRunning';
  if (because !== undefined) tell(because, well && because.code !== 'MONITOR_BLIND' ? 'INFO: ' : 'ocf-exit-reason:');
  process.exitCode = exits[exit].code;
  // Neither a connection that a hung server never closes nor an open stdin keeps the process alive.
  setTimeout(() => process.exit(), 100).unref();
}

function tell(reason: Reason, prefix: string): void {
  process.stderr.write(`${prefix}${say(reason)} [${reason.code}]\n`);
}

const log: Log = (severity, text) => process.stderr.write(`${severity.toUpperCase()}: ${text}\n`);

async function answer([argument, ...more]: readonly string[]): Promise<End> {
  if (argument === undefined || more.length > 0) return { exit: 'generic', because: { code: 'USAGE' } };
  if (argument === 'meta-data') return print(metadataXml(env['OCF_RESKEY_pgdata'] ?? declared.pgdata.default));
  if (argument === 'methods') return print(actionNames.map((name) => `${name}\n`).join(''));
  return perform(argument === 'status' ? 'monitor' : argument);
}

function print(text: string): End {
  process.stdout.write(text);
  return { exit: 'success' };
}

async function perform(action: string): Promise<End> {
  const { parameters, problems } = readParameters(env);
  // A stop ends the server however wrong the rest is: otherwise the node is fenced for a typing error.
  if (problems.length > 0 && action !== 'stop') {
    return { exit: 'configured', because: { code: 'PARAMETERS_WRONG', problems: problems.join('; ') } };
  }
  const exec = spawnExec(passedOn());
  const call: Call = { ...readCall(env, parameters, defaultTimeoutMs(action)), node: await nodeName(exec) };
  const user = await findUser(parameters.pgdba, exec);
  const wrong = action === 'stop' ? undefined : validate(action, call, machine(call, user));
  if (wrong !== undefined) return { exit: wrong.exit, because: wrong.reason };
  if (action === 'validate-all') return { exit: 'success' };
  if (!isAction(action)) return { exit: 'unimplemented', because: { code: 'UNKNOWN_ACTION', action } };
  const site = { action, call, user: user ?? root, exec, deadline: started + call.timeoutMs - margin(call.timeoutMs) };
  return run(action, call, realWorld(site, log));
}

const started = Date.now();
const root: User = { name: 'root', uid: 0, gid: 0, home: '/root' };

/** We end before Pacemaker would kill us: its time-out has no reason in it. */
function margin(timeoutMs: number): number {
  return Math.min(3000, timeoutMs / 10);
}

function isAction(action: string): action is Action {
  return isActionName(action) && !['meta-data', 'methods', 'validate-all', 'status'].includes(action);
}

function defaultTimeoutMs(action: string): number {
  return (advertised.find((entry) => entry.name === action)?.timeout ?? 60) * 1000;
}

/** What Pacemaker's own tools read from their environment. */
function passedOn(): Record<string, string> {
  const known = /^(HA_|PCMK_|CIB_|OCF_ROOT$)/;
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => known.test(entry[0]) && entry[1] !== undefined,
  );
  const tools = env['HA_SBIN_DIR'];
  return { ...Object.fromEntries(kept), PATH: tools === undefined || tools === '' ? path : `${tools}:${path}` };
}

/** Pacemaker tells the node's name with every action; by hand it is asked for, and only if it matters. */
async function nodeName(exec: Exec): Promise<string> {
  const told = env['OCF_RESKEY_CRM_meta_on_node'];
  if (told !== undefined && told !== '') return told.toLowerCase();
  if (!replicates({ parameters: readParameters(env).parameters })) return '';
  return (await exec({ argv: localNameArgv, timeoutMs: 5000 })).stdout.trim().toLowerCase();
}

function machine(call: Call, user: User | undefined): Machine {
  const p = call.parameters;
  return {
    user,
    callerUid: process.getuid?.() ?? -1,
    isProgram,
    configText: readText(p.config),
    dataWritable: user !== undefined && mayWrite(p.pgdata, { uid: user.uid, groups: groupsOf(user) }),
    dataVersion: readText(`${p.pgdata}/PG_VERSION`),
  };
}
