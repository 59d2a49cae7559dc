// What is wrong between hosts: they must be alike in all that a standby takes over.
import { atLeastApart, type Offset } from '../clocks.ts';
import { fenceAgents } from '../devices.ts';
import type { Report } from '../reports.ts';
import type { Spec } from '../spec.ts';
import type { Survey } from '../survey.ts';
import { deviceFindings } from './fencing.ts';

type Named = Survey & { readonly host: string };

/** What is wrong with the server's versions. */
export function versionFinding(spec: Spec, surveys: readonly Named[]): Report {
  const found = surveys.map(({ host, servers }) => `${host} has ${Object.keys(servers).join(', ') || 'none'}`);
  const wanted = spec.postgres.version;
  return { code: 'NO_SERVER', wanted: wanted === undefined ? '13 to 18' : String(wanted), found: found.join('; ') };
}

/** What is wrong between the hosts that answered. */
export function alikeFindings(spec: Spec, surveys: readonly Named[], version: number | undefined): Report[] {
  const systems = unlike(surveys, ({ system }) => system);
  const selinux = unlike(surveys, (one) => one.selinux || 'not there');
  const ids = unlike(surveys, (one) => one.postgresIds);
  const glibc = unlike(surveys, (one) => one.glibc);
  const minor = version === undefined ? undefined : unlike(surveys, (one) => one.serverVersions[version]);
  return [
    ...(systems === undefined ? [] : [{ code: 'SYSTEMS_DIFFER', found: systems } as const]),
    ...['pacemaker', 'corosync', 'pcs'].flatMap((program): Report[] => {
      const found = unlike(surveys, (one) => one.versions[program]);
      return found === undefined ? [] : [{ code: 'VERSIONS_DIFFER', program, found }];
    }),
    ...(minor === undefined ? [] : [{ code: 'SERVERS_DIFFER', found: minor } as const]),
    ...(glibc === undefined ? [] : [{ code: 'LIBRARIES_DIFFER', found: glibc } as const]),
    ...(selinux === undefined ? [] : [{ code: 'SELINUX_DIFFERS', found: selinux } as const]),
    ...(ids === undefined ? [] : [{ code: 'IDS_DIFFER', found: ids } as const]),
    ...sharedIds(surveys),
    ...deviceFindings(spec, surveys),
    ...supportNotes(spec, surveys),
  ];
}

/** What each host has, if they do not all have the same. A host without it is not counted: that is told elsewhere. */
function unlike(surveys: readonly Named[], of: (survey: Named) => string | undefined): string | undefined {
  const having = surveys.flatMap((survey) => {
    const value = of(survey);
    return value === undefined || value === '' ? [] : [{ host: survey.host, value }];
  });
  if (new Set(having.map(({ value }) => value)).size < 2) return undefined;
  return having.map(({ host, value }) => `${host} ${value}`).join(', ');
}

function sharedIds(surveys: readonly Named[]): Report[] {
  const ids = new Set(surveys.map(({ machineId }) => machineId).filter((id) => id !== ''));
  return [...ids].flatMap((id): Report[] => {
    const nodes = surveys.filter(({ machineId }) => machineId === id).map(({ host }) => host);
    return nodes.length < 2 ? [] : [{ code: 'MACHINE_ID_SHARED', nodes: nodes.join(' and ') }];
  });
}

function supportNotes(spec: Spec, surveys: readonly Named[]): Report[] {
  return [
    ...(fenceAgents(spec).some((agent) => agent.startsWith('fence_vmware'))
      ? [{ code: 'SUPPORT_MIGRATION' } as const]
      : []),
    ...(surveys.some(({ system }) => system.startsWith('rhel ')) ? [{ code: 'SUPPORT_AGENT' } as const] : []),
  ];
}

/** Nodes whose clocks are more than a second apart. */
export function clockFindings(offsets: Readonly<Record<string, Offset>>): Report[] {
  const all = Object.entries(offsets);
  return all.flatMap(([name, offset], i) =>
    all.slice(i + 1).flatMap(([other, its]): Report[] => {
      const seconds = atLeastApart(offset, its);
      return seconds > 1 ? [{ code: 'CLOCKS_APART', seconds: seconds.toFixed(1), nodes: `${name} and ${other}` }] : [];
    }),
  );
}
