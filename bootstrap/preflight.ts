// What forbids to begin, found on all nodes before anything is changed. Below this border only goals act.
import { isConfigured, differences, wantedConfiguration } from './pacemaker.ts';
import type { Context } from './context.ts';
import { clusterOf, type DataFacts, type Facts, type HostFacts } from './facts.ts';
import { isDistributionDefault, isRegion } from './goals/cluster.ts';
import type { Layout } from './layout.ts';
import type { Probe } from './probe.ts';
import type { Report } from './reports.ts';
import type { Spec } from './spec.ts';
import { neededPrograms, type Survey } from './survey.ts';

export type Surveyed = Survey | { readonly unreachable: string };

/** The machine types (`uname -m`) that an executable of this architecture of Node's runs on. */
const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** What is wrong with a host itself. `arch` is that of this cfha, in Node's words. */
export function hostFindings(host: string, survey: Surveyed, { spec, arch }: { spec: Spec; arch: string }): Report[] {
  if ('unreachable' in survey) return [{ code: 'UNREACHABLE', host, because: survey.unreachable }];
  const missing = [...neededPrograms, spec.fencing.agent].filter((program) => !survey.programs.includes(program));
  const short = survey.name.split('.')[0];
  return [
    ...(survey.root ? [] : [{ code: 'NOT_ROOT', host } as const]),
    ...(survey.name === host || short === host ? [] : [{ code: 'WRONG_NAME', host, found: survey.name } as const]),
    ...(survey.machine === machines[arch] ? [] : [{ code: 'MACHINE_DIFFERS', host, machine: survey.machine } as const]),
    ...(missing.length === 0 ? [] : [{ code: 'PROGRAM_MISSING', host, programs: missing.join(', ') } as const]),
  ];
}

/** What is wrong with the server's versions. */
export function versionFinding(spec: Spec, surveys: readonly (Survey & { host: string })[]): Report {
  const found = surveys.map(({ host, servers }) => `${host} has ${Object.keys(servers).join(', ') || 'none'}`);
  const wanted = spec.postgres.version;
  return { code: 'NO_SERVER', wanted: wanted === undefined ? '13 to 18' : String(wanted), found: found.join('; ') };
}

export type Evidence = { readonly facts: Facts; readonly probes: Readonly<Record<string, Probe | undefined>> };

/** What is wrong with what is on the hosts. Hosts that were not looked at are not spoken of. */
export function regionFindings(context: Context, { facts, probes }: Evidence): Report[] {
  const inUse = isInUse(context, facts);
  const hosts = Object.entries(facts.hosts);
  return [
    ...hosts.flatMap(([host, found]) => [
      ...nameFindings(context.spec, host, found),
      ...clusterFindings(context, host, { found, inUse }),
      ...dataFindings(context, host, { found, inUse, facts }),
    ]),
    ...hosts.flatMap(([host, found]) => probeFindings(context, host, { found, inUse, probe: probes[host] })),
    ...(inUse ? configurationFindings(context, facts) : []),
  ];
}

/** Whether the region has been built: a cluster of its name has its resources. Another's resources are no region of ours. */
export function isInUse(context: Context, facts: Facts): boolean {
  return Object.values(facts.hosts).some(
    ({ cluster, corosync }) =>
      cluster !== undefined && isConfigured(cluster.configuration) && isRegion(context, corosync),
  );
}

function nameFindings(spec: Spec, host: string, { names }: HostFacts): Report[] {
  return spec.nodes.flatMap(({ name, address }) => {
    const found = names[name] ?? [];
    // Debian's installer writes the host's own name as 127.0.1.1: harmless, since pcs and Corosync are given addresses.
    const fine =
      found.length === 0 || found.includes(address) || (name === host && found.every((a) => a.startsWith('127.')));
    return fine ? [] : [{ code: 'NAME_ELSEWHERE', host, name, found: found.join(', '), expected: address } as const];
  });
}

type Marked = Extract<DataFacts, { state: 'ours' }>;
type Found = { readonly found: HostFacts; readonly inUse: boolean };

function clusterFindings(context: Context, host: string, { found: { corosync }, inUse }: Found): Report[] {
  if (isRegion(context, corosync)) return [];
  if (corosync === undefined || isDistributionDefault(corosync))
    return inUse ? [{ code: 'CLUSTER_INCOMPLETE', host }] : [];
  const nodes = corosync.nodes.map((node) => `${node.name} ${node.address}`).join(', ');
  return [{ code: 'FOREIGN_CLUSTER', host, cluster: `"${corosync.name}" (${nodes})` }];
}

function dataFindings(
  context: Context,
  host: string,
  { found: { data }, inUse, facts }: Found & { facts: Facts },
): Report[] {
  const { layout } = context;
  const path = { host, data: layout.data };
  const others = othersThan(host, facts);
  switch (data.state) {
    case 'foreign':
      return [{ code: 'FOREIGN_DATA', ...path }];
    case 'mount':
      return [{ code: 'DATA_IS_MOUNT', ...path }];
    case 'absent':
    case 'empty':
      return mayBeMade(layout, host, { inUse, others }) ? [] : [{ code: 'DATA_MISSING', ...path }];
    case 'ours': {
      const found = ofOther(
        context,
        data,
        host === layout.first.name ? undefined : facts.hosts[layout.first.name]?.data,
      );
      return found === undefined ? [] : [{ code: 'DATA_OF_OTHER', ...path, found }];
    }
  }
}

function othersThan(host: string, facts: Facts): readonly DataFacts[] {
  return Object.entries(facts.hosts).flatMap(([name, { data }]) => (name === host ? [] : [data]));
}

/** The copies are taken from the first node: it may not be without what another has. */
function mayBeMade(layout: Layout, host: string, at: { inUse: boolean; others: readonly DataFacts[] }): boolean {
  return !at.inUse && !(host === layout.first.name && at.others.some(({ state }) => state === 'ours'));
}

/** What an instance with a region's mark is, if not the one that this region's node shall have. */
function ofOther({ spec, layout }: Context, data: Marked, first: DataFacts | undefined): string | undefined {
  if (data.region !== spec.region) return `region "${data.region}"`;
  if (data.version !== layout.version) return `PostgreSQL ${String(data.version)}`;
  const copied = first?.state !== 'ours' || first.systemId === data.systemId;
  return copied ? undefined : `another database system than that of ${layout.first.name}`;
}

function probeFindings(
  { spec }: Context,
  host: string,
  { found, inUse, probe }: Found & { probe: Probe | undefined },
): Report[] {
  if (probe === undefined) return [];
  const port = spec.postgres.port;
  return [
    ...(probe.vipUsed && !inUse ? [{ code: 'VIP_USED', host, address: spec.vip.address } as const] : []),
    ...(probe.portUsed && found.server.state === 'stopped' ? [{ code: 'PORT_USED', host, port } as const] : []),
    ...fencingFindings(spec, host, probe.fencing),
  ];
}

function fencingFindings(spec: Spec, host: string, fencing: Probe['fencing']): Report[] {
  if ('failed' in fencing) return [{ code: 'FENCING_FAILED', host, because: fencing.failed }];
  const found = fencing.machines.slice(0, 10).join(', ') || 'none';
  return Object.entries(spec.fencing.hosts)
    .filter(([, machine]) => !fencing.machines.includes(machine))
    .map(([node, machine]) => ({ code: 'FENCING_UNKNOWN', host, machine, node, found }));
}

function configurationFindings(context: Context, facts: Facts): Report[] {
  const found = clusterOf(facts)?.configuration;
  const what = found === undefined ? [] : differences(wantedConfiguration(context.spec, context.layout), found);
  return what.length === 0 ? [] : [{ code: 'CONFIGURATION_DIFFERS', what: what.join('; ') }];
}
