// Where an action takes place: the call, this machine, and the time there is. Shared by the agent and `cfha explain`.
import { monotonicMs } from '../lib/host/clock.ts';
import { exists, isPrivate, isProgram, mayWrite, readText } from '../lib/host/disk.ts';
import type { Asked } from './asked.ts';
import { path, type Exec } from '../lib/host/exec.ts';
import { groupsOf, type User } from '../lib/host/identity.ts';
import { localNameArgv } from '../lib/pacemaker/attributes.ts';
import { advertised } from '../meta/actions.ts';
import { marginMs, readCall, readParameters, replicates, type Call, type Environment } from './call.ts';
import type { Action } from './decide.ts';
import { missingOf, placesOf } from '../lib/postgres/places.ts';
import { hasJob } from './job.ts';
import { otherOwner } from './tmpdir-mark.ts';
import type { Machine } from './rules/validate.ts';

/** What looking and acting work with. */
export type Site = {
  readonly action: Action;
  readonly call: Call;
  readonly user: User;
  readonly exec: Exec;
  /** The agent's own deadline, by the monotonic clock in ms; before Pacemaker's. */
  readonly deadline: number;
  /** What the agent was called with, by Pacemaker. Asked for: process.env is slow to list, and few want it. */
  readonly environment?: () => Environment;
  /** The first question to the cluster, where it was put before this process was the agent. */
  readonly asked?: Asked | undefined;
  /** This is the work in the background: its steps may take what they need, and it waits no longer than `patience` (ms) after one. */
  readonly job?: true;
  readonly patience?: number;
};

/** Milliseconds until the agent's deadline. */
export function left(site: Pick<Site, 'deadline'>): number {
  return Math.max(0, site.deadline - monotonicMs());
}

/** The call of an action, and what is wrong with its parameters (the call then has their defaults). */
export async function callOf(
  action: string,
  env: Environment,
  exec: Exec,
): Promise<{ call: Call; problems: readonly string[] }> {
  const { parameters, problems } = readParameters(env);
  const node = await nodeName(env, { parameters }, exec);
  const call = readCall(env, parameters, defaultTimeoutMs(action));
  // Other actions have no interval either.
  return { call: { ...call, node, probe: call.probe && action === 'monitor' }, problems };
}

/** Pacemaker tells the node's name with every action; by hand it is asked for, and only if it matters. */
async function nodeName(env: Environment, call: Pick<Call, 'parameters'>, exec: Exec): Promise<string> {
  const told = env['OCF_RESKEY_CRM_meta_on_node'];
  if (told !== undefined && told !== '') return told.toLowerCase();
  return replicates(call) ? (await exec({ argv: localNameArgv, timeoutMs: 5000 })).stdout.trim().toLowerCase() : '';
}

function defaultTimeoutMs(action: string): number {
  return (advertised.find((entry) => entry.name === action)?.timeout ?? 60) * 1000;
}

/** Of the agent itself, by the clock that `startedMs` was read from. */
export function deadlineOf(call: Call, startedMs: number): number {
  return startedMs + call.timeoutMs - marginMs(call);
}

/** What Pacemaker's own tools read from their environment, and where they are looked for. */
export function toolEnvironment(env: Environment): Record<string, string> {
  const known = /^(HA_|PCMK_|CIB_|OCF_ROOT$)/;
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => known.test(entry[0]) && entry[1] !== undefined,
  );
  const tools = env['HA_SBIN_DIR'];
  return { ...Object.fromEntries(kept), PATH: tools === undefined || tools === '' ? path : `${tools}:${path}` };
}

export function machineOf(call: Call, user: User | undefined, callerUid: number): Machine {
  const p = call.parameters;
  return {
    user,
    callerUid,
    rejoins: () => replicates(call) && isRejoined(call),
    isProgram,
    configText: readText(p.config),
    dataWritable: user !== undefined && mayWrite(p.pgdata, { uid: user.uid, groups: groupsOf(user) }),
    isPrivate: (file) => user !== undefined && isPrivate(file, user.uid),
    tmpdirOwner: otherOwner(call),
    dataVersion: readText(`${p.pgdata}/PG_VERSION`),
  };
}

/** The data may be missing for a while: they are being copied, or start decides whether they are to be. */
function isRejoined({ resource, parameters: { pgdata, rejoin } }: Call): boolean {
  return hasJob(resource) || exists(placesOf(pgdata).whole) || (rejoin.length > 0 && missingOf(pgdata) !== undefined);
}
