// What is wrong with a cluster that is there already.
import { secondRing } from '../addresses.ts';
import type { Context } from '../context.ts';
import { clusterOf, type CorosyncFacts, type Facts, type HostFacts } from '../facts.ts';
import { isDistributionDefault, isRegion } from '../goals/cluster.ts';
import { foreignResources } from '../pacemaker/differences.ts';
import { wantedConfiguration } from '../pacemaker/wanted.ts';
import type { Report } from '../reports.ts';

type Found = { readonly found: HostFacts; readonly inUse: boolean };

export function clusterFindings(context: Context, host: string, { found: { corosync }, inUse }: Found): Report[] {
  if (corosync !== undefined && isRegion(context, corosync))
    return [...ringFindings(context, host, corosync), ...quorumFindings(context, host, corosync)];
  if (corosync === undefined || isDistributionDefault(corosync))
    return inUse ? [{ code: 'CLUSTER_INCOMPLETE', host }] : [];
  const nodes = corosync.nodes.map((node) => `${node.name} ${node.address}`).join(', ');
  return [{ code: 'FOREIGN_CLUSTER', host, cluster: `"${corosync.name}" (${nodes})` }];
}

const ofPostgres = /:(pgsql|cfpgsql)$/;

/** A cluster of the file's name and nodes that somebody else has built: what else would be told of it is no fault of its own. */
export function byHand(context: Context, facts: Facts): Report[] {
  const { region } = context.spec;
  const { data } = context.layout;
  const unmarked = Object.values(facts.hosts).filter((host) => host.data.state === 'foreign' && isRegion(context, host.corosync));
  const resources = Object.entries(clusterOf(facts)?.configuration.resources ?? {});
  const found = resources.find(([, one]) => one !== undefined && ofPostgres.test(one.agent));
  if (unmarked.length === 0 || found === undefined) return [];
  return [{ code: 'BUILT_BY_HAND', region, resource: found[0], agent: found[1]?.agent ?? '', data }];
} // prettier-ignore

/** A second ring can be added to a running cluster; other addresses can be given it only when it is stopped. */
function ringFindings({ spec }: Context, host: string, corosync: CorosyncFacts): Report[] {
  const wanted = secondRing(spec);
  const found = corosync.nodes.flatMap(({ name, second }) => (second === undefined ? [] : [{ name, second }]));
  const same = found.every(({ name, second }) => wanted.some((one) => one.name === name && one.address === second));
  if (found.length === 0 || same) return [];
  return [{ code: 'RING_DIFFERS', host, found: found.map(({ name, second }) => `${name} ${second}`).join(', ') }];
}

/** Two nodes: one goes on without the other, but none begins without it. (A quorum device takes that over.) */
function quorumFindings({ spec }: Context, host: string, corosync: CorosyncFacts): Report[] {
  if (spec.nodes.length !== 2 || spec.quorum !== undefined || corosync.device !== undefined) return [];
  if (!corosync.twoNode) return [{ code: 'QUORUM_UNSAFE', host, found: 'two_node is off: it stops when the other does' }];
  if (corosync.waitForAll) return [];
  return [{ code: 'QUORUM_UNSAFE', host, found: 'wait_for_all is off: alone at its start, it fences the other and may promote old data' }];
} // prettier-ignore

export function configurationFindings({ spec, layout }: Context, facts: Facts): Report[] {
  const found = clusterOf(facts)?.configuration;
  const foreign = found === undefined ? [] : foreignResources(wantedConfiguration(spec, layout), found);
  return foreign.map((one) => ({ code: 'AGENT_DIFFERS', ...one }));
}
