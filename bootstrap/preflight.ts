// What forbids to begin, found on all nodes before anything is changed. Below this border only goals act.
import type { Context } from './context.ts';
import type { Facts, HostFacts } from './facts.ts';
import { provisionFindings } from './findings/provision.ts';
import { byHand, clusterFindings, configurationFindings } from './findings/cluster.ts';
import { dataFindings, roomFindings } from './findings/data.ts';
import { nameFindings, portFindings, probeFindings } from './findings/network.ts';
import { isRegion } from './goals/cluster.ts';
import { isConfigured } from './pacemaker/wanted.ts';
import type { PortAnswer } from './ports.ts';
import type { Probe } from './probe.ts';
import type { Report } from './reports.ts';
import { startersOf } from './starters.ts';

export type Evidence = {
  readonly facts: Facts;
  readonly probes: Readonly<Record<string, Probe | undefined>>;
  /** What became of the questions at other nodes' ports, or why none could be asked. */
  readonly ports: Readonly<Record<string, readonly PortAnswer[] | { readonly untried: string } | undefined>>;
};

/** What is wrong with what is on the hosts. Hosts that were not looked at are not spoken of. */
export function regionFindings(context: Context, { facts, probes, ports }: Evidence): Report[] {
  const inUse = isInUse(context, facts);
  const hosts = Object.entries(facts.hosts);
  const somebodys = byHand(context, facts);
  if (somebodys.length > 0) return somebodys;
  return [
    ...hosts.flatMap(([host, found]) => [
      ...nameFindings(context.spec, host, found),
      ...clusterFindings(context, host, { found, inUse }),
      ...dataFindings(context, host, { found, inUse, facts }),
      ...provisionFindings(context, host, found),
    ]),
    ...hosts.flatMap(([host, found]) => {
      const probe = probes[host];
      return [
        ...probeFindings(context.spec, host, { found, inUse, probe }),
        ...starterFindings(context, host, probe),
        ...sourceFindings(context, host, probe?.source),
        // The room of storage that is to be made is not there yet.
        ...(probe === undefined || isToBeMade(found) ? [] : roomFindings(context.spec, host, probe.room)),
        // What the firewall goal opens is not to be open already.
        ...(context.spec.firewall === undefined ? triedPorts(host, ports[host]) : []),
      ];
    }),
    ...(inUse ? configurationFindings(context, facts) : []),
  ];
}

const isToBeMade = ({ storage }: HostFacts): boolean => storage !== undefined && storage.mounted !== true;

/** Units and lines of cron. The distribution's own unit is disabled by a goal, which ends the reign of start.conf as well. */
function starterFindings({ layout }: Context, host: string, probe: Probe | undefined): Report[] {
  return startersOf(probe?.starters ?? [], layout.data)
    .filter(({ what }) => what !== layout.unit && !what.startsWith('/etc/postgresql/'))
    .map(({ what, command }) => ({ code: 'STARTED_ELSEWHERE', host, what, command }));
}

/** The first node is where it is brought to. */
function sourceFindings({ spec, layout }: Context, host: string, because: string | undefined): Report[] {
  const { source } = spec.postgres;
  const what = source?.tar ?? source?.clone?.address;
  if (because === undefined || what === undefined || host !== layout.first.name) return [];
  return [{ code: 'SOURCE_UNUSABLE', host, what, because }];
}

function triedPorts(host: string, tried: Evidence['ports'][string]): Report[] {
  if (tried === undefined) return [];
  return 'untried' in tried ? [{ code: 'PORTS_UNTRIED', host, because: tried.untried }] : portFindings(host, tried);
}

/** Whether the region has been built: a cluster of its name has its resources. Another's resources are no region of ours. */
export function isInUse(context: Context, facts: Facts): boolean {
  return Object.values(facts.hosts).some(
    ({ cluster, corosync }) =>
      cluster !== undefined && isConfigured(cluster.configuration) && isRegion(context, corosync),
  );
}
