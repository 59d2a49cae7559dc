// From ocf:heartbeat:pgsql to ocf:custom:cfpgsql and back, while the database runs: pure decisions.
// In maintenance mode Pacemaker starts and stops nothing; the new agent is asked what it finds, and only if it finds
// exactly what the old one ran, the cluster takes over again. Otherwise the old agent is put back.
import type { AgentName, Running } from '../lib/pacemaker/live.ts';
import { notOfPgsql } from '../meta/parameters.ts';

export const agents = {
  pgsql: { provider: 'heartbeat', type: 'pgsql' },
  cfpgsql: { provider: 'custom', type: 'cfpgsql' },
} as const satisfies Record<string, AgentName>;

export type Target = keyof typeof agents;

/** What is done next. `finished` and `refused` end it. */
export type Move =
  | { readonly move: 'maintenance on' | 'maintenance off' }
  | { readonly move: 'refresh'; readonly node: string }
  | { readonly move: 'set agent'; readonly agent: AgentName }
  | { readonly move: 'wait'; readonly for: string }
  | { readonly move: 'finished'; readonly nothingDone: boolean }
  | { readonly move: 'refused'; readonly because: string };

/** What this run has done so far, and what ran before it began. */
export type Progress = {
  readonly resource: string;
  readonly target: Target;
  readonly done: readonly Move[];
  readonly before: Roles;
  readonly rollback?: string;
};

/** Exit code of the monitor by node: 8 promoted, 0 unpromoted. */
export type Roles = Readonly<Record<string, number | undefined>>;

export function rolesOf(running: Running): Roles {
  return Object.fromEntries(Object.entries(running.probes).map(([node, probe]) => [node, probe?.code]));
}

export function nextMove(running: Running, progress: Progress): Move {
  const wanted = agents[progress.rollback === undefined ? progress.target : other(progress.target)];
  const isThere = running.agent?.type === wanted.type && running.agent.provider === wanted.provider;
  if (isThere) return afterChange(running, progress, wanted);
  return beforeChange(running, progress, wanted);
}

function did(done: readonly Move[], what: Move['move']): boolean {
  return done.some(({ move }) => move === what);
}

export function other(target: Target): Target {
  return target === 'pgsql' ? 'cfpgsql' : 'pgsql';
}

function beforeChange(running: Running, progress: Progress, wanted: AgentName): Move {
  if (progress.rollback !== undefined) return { move: 'set agent', agent: wanted };
  const objection = against(running, progress);
  if (objection !== undefined) return { move: 'refused', because: objection };
  if (!running.maintenance) return { move: 'maintenance on' };
  // A standby's monitor that saw the primary's history forgotten would take itself for alone, and begin an election.
  const watched = Object.entries(running.probes).filter(([, probe]) => probe?.recurring === true);
  if (watched.length === 0) return { move: 'set agent', agent: wanted };
  return { move: 'wait', for: `the recurring monitors on ${watched.map(([node]) => node).join(', ')} to end` };
}

function against(running: Running, { resource, target, done }: Progress): string | undefined {
  const source = agents[other(target)];
  if (running.agent?.type !== source.type)
    return `the resource's agent is ${name(running.agent)}, neither pgsql nor cfpgsql`;
  if (running.maintenance && !did(done, 'maintenance on')) return inMaintenance(running, { resource, target });
  const unknown = target === 'pgsql' ? running.parameters.filter((parameter) => notOfPgsql.includes(parameter)) : [];
  if (unknown.length > 0) return `pgsql does not know the parameter ${unknown.join(', ')}: remove it first`;
  return done.length === 0 ? unhealthy(rolesOf(running)) : undefined;
}

const endMaintenance = 'pcs property set maintenance-mode=false';

/** What to do about a maintenance mode that was found, not made. */
function inMaintenance(running: Running, { resource, target }: Pick<Progress, 'resource' | 'target'>): string {
  // Ended now, the cluster would find that the agent had changed, and would restart the database.
  if (isStale(running, agents[other(target)])) {
    const there = other(target) === 'pgsql' ? ' --back' : '';
    return `an earlier change was interrupted, and the cluster is in maintenance mode; end that change first: cfha migrate ${resource}${there} --yes`;
  }
  return `the cluster is in maintenance mode: end it first (${endMaintenance})`;
}

/** True if the cluster does not yet know from this agent what runs on every node. */
function isStale(running: Running, agent: AgentName): boolean {
  return unanswered(running, agent).length > 0;
}

function unanswered(running: Running, { type }: AgentName): readonly string[] {
  const open = Object.entries(running.probes).filter(([, probe]) => probe?.type !== type || probe.code === undefined);
  return open.map(([node]) => node);
}

function unhealthy(roles: Roles): string | undefined {
  if (isHealthy(roles)) return undefined;
  return `the region is not healthy: one node must be promoted (8) and the others unpromoted (0), but the monitors say ${told(roles)}`;
}

function isHealthy(roles: Roles): boolean {
  const all = Object.values(roles);
  return all.filter((code) => code === 8).length === 1 && all.every((code) => code === 8 || code === 0);
}

function told(roles: Roles): string {
  const seen = Object.entries(roles).map(([node, code]) => `${node}: ${code === undefined ? 'unknown' : String(code)}`);
  return seen.join(', ');
}

function name(agent: AgentName | undefined): string {
  return agent === undefined ? 'unknown' : `ocf:${agent.provider}:${agent.type}`;
}

function afterChange(running: Running, progress: Progress, wanted: AgentName): Move {
  const { done, rollback } = progress;
  if (!running.maintenance) return ended(progress);
  if (done.length === 0 && !isStale(running, wanted))
    return { move: 'refused', because: changedBefore(running, progress) };
  if (rollback !== undefined && !did(done, 'set agent')) return { move: 'maintenance off' };
  const open = unanswered(running, wanted);
  return open.length > 0 ? ask(open, running, progress) : compared(running, progress, wanted);
}

function compared(running: Running, { before, rollback }: Progress, { type }: AgentName): Move {
  const wrong = differences(rolesOf(running), before);
  if (wrong === undefined || rollback !== undefined) return { move: 'maintenance off' };
  return { move: 'refused', because: `${type} does not find what runs (${wrong}; 5: it is not installed there)` };
}

/** Node after node, the primary last: as long as it is known, no standby takes itself for alone. */
function ask(open: readonly string[], running: Running, { done }: Progress): Move {
  const node = open.find((name) => running.probes[name]?.code !== 8) ?? open[0] ?? '';
  const since = done.slice(done.findLastIndex(({ move }) => move === 'set agent') + 1);
  return since.some((move) => move.move === 'refresh' && move.node === node)
    ? { move: 'wait', for: `the agent to answer on ${node}` }
    : { move: 'refresh', node };
}

/** The agent is the wanted one, and maintenance mode is on: the administrator's, or left by a run that was killed. */
function changedBefore(running: Running, { resource, target }: Progress): string {
  const already = `${resource} has the agent ${name(agents[target])} already, and the cluster is in maintenance mode`;
  const wrong = unhealthy(rolesOf(running));
  return wrong === undefined
    ? `${already}: end it (${endMaintenance})`
    : `${already}. ${wrong}. Put that right, ask again (crm_resource --refresh --resource=${resource}), then end it (${endMaintenance})`;
}

/** What the new agent finds otherwise than it was. A run before this one may have been killed: then `before` knows less. */
function differences(roles: Roles, before: Roles): string | undefined {
  const known = isHealthy(before);
  const wrong = Object.entries(roles).filter(([node, code]) => known && code !== before[node]);
  if (wrong.length > 0)
    return wrong.map(([node, code]) => `${node}: ${String(code)} instead of ${String(before[node])}`).join(', ');
  return isHealthy(roles) ? undefined : told(roles);
}

function ended({ done, rollback }: Progress): Move {
  return rollback === undefined
    ? { move: 'finished', nothingDone: done.length === 0 }
    : { move: 'refused', because: rollback };
}

/** What is not changed and worth knowing, in sentences. */
export function warnings({ restartsOnPromote }: Running): readonly string[] {
  return restartsOnPromote
    ? [
        'restart_on_promote=true stays: a promotion then begins no new timeline, and after a cut with rows on both sides nobody can tell where they parted. To change it: pcs resource update RESOURCE restart_on_promote=false',
      ]
    : [];
}

/** What `--plan` prints. */
export function planOf(target: Target, resource: string): readonly string[] {
  const { provider, type } = agents[target];
  return [
    'maintenance-mode=true: Pacemaker starts, stops and monitors nothing while it is on; the database and the VIP stay as they are',
    `primitive ${resource}: agent ocf:${provider}:${type}, everything else as it is`,
    `refresh of ${resource}, node after node, the primary last: ${type} is asked what it finds`,
    'only if it finds the same primary and the same standbys: maintenance-mode=false',
    `otherwise: agent ocf:${agents[other(target)].provider}:${agents[other(target)].type} again, refresh, maintenance-mode=false`,
  ];
}
