// cfha explain [RESOURCE]: what the agent finds on this node, which cell of its table applies, who would be promoted.
import { explain, type Explanation } from '../../agent/explain.ts';
import { look, type Memory } from '../../agent/look.ts';
import { lookBeforeStart, lookForRejoin } from '../../agent/look-rejoin.ts';
import type { Snapshot } from '../../agent/snapshot.ts';
import { callOf, deadlineOf, toolEnvironment, type Site } from '../../agent/site.ts';
import type { Environment } from '../../agent/call.ts';
import { monotonicMs } from '../../lib/host/clock.ts';
import { UnreadableAnswer, type Exec } from '../../lib/host/exec.ts';
import { findUser } from '../../lib/host/identity.ts';
import { spawnExec } from '../../lib/host/spawn.ts';
import { queryCibArgv } from '../../lib/pacemaker/cib.ts';
import { readConfiguration, type Configuration } from '../../lib/pacemaker/configuration.ts';

type Output = { readonly out: (text: string) => void; readonly err: (text: string) => void };
type Options = { readonly resource: string | undefined; readonly json: boolean };

/** Exit code 0: explained; 1: the cluster or the server's owner cannot be found; 2: there is no such resource. */
export async function explainCommand(options: Options, env: Environment, { out, err }: Output): Promise<number> {
  const exec = spawnExec(() => toolEnvironment(env));
  const found = await configuredResource(options.resource, exec);
  if ('problem' in found) {
    err(`cfha: ${found.problem}\n`);
    return found.exitCode;
  }
  const { call } = await callOf('monitor', found.environment, exec);
  const user = await findUser(call.parameters.pgdba, exec);
  if (user === undefined) {
    err(`cfha: the resource's pgdba, ${call.parameters.pgdba}, is no user of this system\n`);
    return 1;
  }
  const memory: Memory = { cluster: undefined, clusterFailure: undefined, asked: false, steppedMs: monotonicMs() };
  const site = { action: 'monitor', call, user, exec, deadline: deadlineOf(call, monotonicMs()) } as const;
  const explanation = explain(await lookBeforeStarting(site, memory), call);
  out(options.json ? `${JSON.stringify(explanation)}\n` : text(explanation));
  return 0;
}

type Found = { readonly environment: Environment } | { readonly problem: string; readonly exitCode: number };

async function configuredResource(wanted: string | undefined, exec: Exec): Promise<Found> {
  const cib = await exec({ argv: queryCibArgv, timeoutMs: 10_000 });
  if (cib.code !== 0)
    return {
      problem: 'the cluster does not answer on this node: is pacemaker running? (systemctl status pacemaker)',
      exitCode: 1,
    };
  try {
    return environmentOf(await readConfiguration(cib.stdout), wanted);
  } catch (error) {
    if (error instanceof UnreadableAnswer) return { problem: error.message, exitCode: 1 };
    throw error;
  }
}

/** What Pacemaker would put into the environment of the resource's agent. */
function environmentOf({ resources, clones }: Configuration, wanted: string | undefined): Found {
  const ours = Object.entries(resources).filter(([, resource]) => /:(cfpgsql|pgsql)$/.test(resource?.agent ?? ''));
  const [name, resource] = ours.find(([id]) => id === (wanted ?? ours[0]?.[0])) ?? [];
  if (name === undefined || resource === undefined) {
    const names = ours.map(([id]) => id).join(', ');
    const problem =
      wanted === undefined
        ? 'the cluster has no PostgreSQL resource'
        : `"${wanted}" is no PostgreSQL resource of the cluster`;
    return { problem: `${problem} (there is: ${names === '' ? 'none' : names})`, exitCode: 2 };
  }
  const clone = Object.values(clones).find((entry) => entry?.of === name);
  const parameters: Record<string, string> = Object.fromEntries(
    Object.entries(resource.attributes).map(([key, value]) => [`OCF_RESKEY_${key}`, value]),
  );
  const meta = {
    OCF_RESKEY_CRM_meta_interval: '1000',
    OCF_RESKEY_CRM_meta_promotable: clone?.meta['promotable'] ?? 'false',
  };
  return { environment: { ...parameters, ...meta, OCF_RESOURCE_INSTANCE: name } };
}

function text({ resource, node, state, found, cells, promotable }: Explanation): string {
  const because = promotable.because.map((line) => `  - ${line}\n`).join('');
  const next = Object.entries(cells).map(([action, cell]) => `  ${action.padEnd(8)} ${cell}\n`);
  return `${resource} on ${node === '' ? 'this node' : node}: ${state}
${found.map((line) => `  - ${line}\n`).join('')}
Promotable: ${promotable.yes ? 'yes' : 'no'}
${because}
What each action would do now:
${next.join('')}`;
}

/** What a start would find out about the data. */
async function lookBeforeStarting(site: Site, memory: Memory): Promise<Snapshot> {
  const starting: Site = { ...site, action: 'start' };
  const seen = await look(site, memory);
  return lookBeforeStart(starting, { ...seen, ...(await lookForRejoin(starting, seen.postmaster !== undefined)) });
}
