// The reference's /etc/sysconfig/pgsql-replication -> a global.yaml. It is read, never run, and never changed.
import { stringify } from 'yaml';

/** What the reference's file can say. */
const names = [
  'PRIMARY_HOST',
  'STANDBY_HOST',
  'PGSQL_SQL_USER',
  'PGSQL_SSH_USER',
  'MAX_PRIMARY_FAILCOUNT',
  'PGSQL_HOME',
  'WAL_ARCHIVE_WRITE',
  'WAL_ARCHIVE_READ',
] as const;
type Name = (typeof names)[number];

export type Sysconfig = {
  readonly values: Readonly<Partial<Record<Name, string>>>;
  readonly problems: readonly string[];
};

/** Lines `NAME=value`, with or without quotes. What a shell would have to work out is said, not guessed at. */
export function readSysconfig(text: string): Sysconfig {
  const values: Partial<Record<Name, string>> = {};
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const read = /^\s*(#|$)/.test(line) ? {} : readLine(line);
    if ('problem' in read) problems.push(`line ${index + 1}${read.problem}`);
    else Object.assign(values, read);
  }
  for (const name of ['PRIMARY_HOST', 'STANDBY_HOST', 'PGSQL_SQL_USER'] as const)
    if (values[name] === undefined) problems.push(`${name} is missing`);
  return { values, problems };
}

function readLine(line: string): Partial<Record<Name, string>> | { problem: string } {
  const [, name = '', ...ways] = assignment.exec(line) ?? [];
  const value = ways.find((way) => (way as string | undefined) !== undefined);
  if (value === undefined) return { problem: ` is no plain NAME=value: ${line.trim().slice(0, 60)}` };
  return isName(name) ? { [name]: value } : { problem: `: ${name} has no meaning here` };
}

const assignment = /^\s*(?:export\s+)?([A-Z_]+)=(?:"([^"$`\\]*)"|'([^']*)'|([A-Za-z0-9_./:@%+-]*))\s*(?:#.*)?$/;

function isName(name: string): name is Name {
  return (names as readonly string[]).includes(name);
}

/** What the file cannot know, found out on this host. */
export type Found = {
  readonly addresses: { readonly first: string | undefined; readonly second: string | undefined };
  readonly programs: string;
  readonly data: string;
  readonly service: string;
  readonly home: string;
};

/** A global.yaml that says the same. What nobody knows stays a question, which the checks of the file refuse. */
export function importedText({ values }: Sysconfig, found: Found): string {
  const { WAL_ARCHIVE_WRITE: write, WAL_ARCHIVE_READ: read } = values;
  const site = (host: string | undefined, address: string | undefined) => ({
    host: host?.toLowerCase() ?? '?',
    address: address ?? '?',
  });
  return stringify({
    first: site(values.PRIMARY_HOST, found.addresses.first),
    second: site(values.STANDBY_HOST, found.addresses.second),
    database: {
      name: 'vmdb_production',
      user: values.PGSQL_SQL_USER ?? '?',
      replication_user: 'replicator',
      passfile: `${found.home}/.pgpass`,
    },
    postgres: { programs: found.programs, data: found.data, service: found.service },
    failover: { failures: Number(values.MAX_PRIMARY_FAILCOUNT ?? 2), interval: 60 },
    ...(write === undefined ? {} : { archive: { write, read: read ?? write, days: 7 } }),
    ssh: { user: values.PGSQL_SSH_USER ?? 'root' },
  });
}
