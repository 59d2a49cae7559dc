// Where things lie on the nodes: derived from the region file and from what the distribution is.
import type { Node, Spec } from './spec.ts';
import type { Survey } from './survey.ts';

/** The first node's instance is built, the others' are cloned from it. */
export type Layout = {
  readonly first: Node;
  readonly others: readonly Node[];
  readonly version: number;
  /** Directory of the server's programs. */
  readonly bindir: string;
  readonly data: string;
  /** Home of the server's user. */
  readonly home: string;
  /** The data directory while it is being made: it gets its name when it is whole. */
  readonly building: string;
  /** Directory of the agent (parameter tmpdir). */
  readonly agentFolder: string;
  readonly passfile: string;
  /** The distribution's own unit of the server, which must not start it. */
  readonly unit: string;
};

/** Versions of PostgreSQL that the agent knows. */
export const supported = { from: 13, to: 18 } as const;

/** The version to use: the one given, or the newest that every node has. */
export function serverVersion(spec: Spec, surveys: readonly Survey[]): number | undefined {
  const everywhere = Object.keys(surveys[0]?.servers ?? {})
    .map(Number)
    .filter((v) => v >= supported.from && v <= supported.to && surveys.every((s) => s.servers[v] !== undefined));
  if (spec.postgres.version !== undefined) return everywhere.find((v) => v === spec.postgres.version);
  return everywhere.length === 0 ? undefined : Math.max(...everywhere);
}

/** The layout of a region whose nodes have this version of the server. */
export function layoutOf(spec: Spec, survey: Survey, version: number): Layout {
  const [first, ...others] = spec.nodes;
  if (first === undefined) throw new Error('a region has nodes');
  const bindir = survey.servers[version] ?? '';
  const { home, data, unit } = survey.family === 'debian' ? debian(version) : redhat(version, bindir);
  const used = spec.postgres.data ?? data;
  return {
    first,
    others,
    version,
    bindir,
    data: used,
    home,
    building: `${used}.cfha-new`,
    agentFolder: `${home}/tmp`,
    passfile: `${home}/.cfha/replication.pgpass`,
    unit,
  };
}

type Distribution = { readonly home: string; readonly data: string; readonly unit: string };

function debian(version: number): Distribution {
  const home = '/var/lib/postgresql';
  return { home, data: `${home}/${String(version)}/main`, unit: 'postgresql.service' };
}

/** Red Hat's own packages have one server, without a version in its paths; the PostgreSQL project's have one a version. */
function redhat(version: number, bindir: string): Distribution {
  const home = '/var/lib/pgsql';
  if (!bindir.startsWith('/usr/pgsql-')) return { home, data: `${home}/data`, unit: 'postgresql.service' };
  return { home, data: `${home}/${String(version)}/data`, unit: `postgresql-${String(version)}.service` };
}
