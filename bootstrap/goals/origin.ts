// Where the first node's data come from: nowhere (initdb), a tar of a data directory, a running server, or in place.
import type { Context } from '../context.ts';
import { on as factsOf } from '../facts.ts';
import type { Command, Goal } from '../goal.ts';
import { connection } from '../probe.ts';
import { put } from './nodes.ts';
import { asOwner, asPostgres, giveName, prepared, start, stop } from './postgres.ts';
import { rolesSql } from '../server-files.ts';

// The tar may hold the directory itself or a folder around it: what has PG_VERSION in it is the data directory.
const unpack = `version=$(tar -tf "$1" | grep -E '(^|/)PG_VERSION$' | awk '{ print length, $0 }' | sort -n | head -n 1 | cut -d ' ' -f 2-)
folder=\${version%PG_VERSION}
[ -n "$version" ]
tar -xf "$1" -C "$2" --strip-components="$(printf '%s' "$folder" | tr -cd / | wc -c)" \${folder:+"\${folder%/}"}
chown -R postgres:postgres "$2"; chmod 0700 "$2"`;

// libpq takes the password from the environment, which only root and the user can read; it comes on standard input.
const clone = 'IFS= read -r PGPASSWORD; export PGPASSWORD; exec "$@"';

// What the server was before is no concern of the new one. Debian keeps settings outside of the data directory.
const settle = `cd "$1"; rm -f postmaster.pid standby.signal recovery.signal recovery.conf
if [ ! -e postgresql.conf ]; then
  theirs=/etc/postgresql/$2/main/postgresql.conf
  if [ -e "$theirs" ]; then
    sed -E '/^ *(data_directory|hba_file|ident_file|external_pid_file|include_dir|stats_temp_directory|cluster_name) *=/d; /^ *include_dir/d' "$theirs" >postgresql.conf
  else : >postgresql.conf; fi
fi
# the folder of our log files may have the name of somebody's log file
[ ! -f log ] || mv log log.before-cfha
[ -e pg_ident.conf ] || : >pg_ident.conf
[ ! -e pg_hba.conf ] || [ -e pg_hba.conf.before-cfha ] || cp -p pg_hba.conf pg_hba.conf.before-cfha
chown postgres:postgres postgresql.conf pg_ident.conf; chmod 0600 postgresql.conf pg_ident.conf`;

const include = `grep -qF "'cfha.conf'" "$1/postgresql.conf" || printf "\\n%s\\n" "include_if_exists 'cfha.conf'" >>"$1/postgresql.conf"`;

/** All commands that make the first node's instance. */
function madeFrom(context: Context): Command[] {
  const { source } = context.spec.postgres;
  return source?.in_place === true ? keptInPlace(context) : built(context);
}

function on({ layout }: Context, says: string, run: Command['run']): Command {
  return { on: layout.first.name, says, run };
}

/** In a directory beside, which gets its name when it is whole. */
function built(context: Context): Command[] {
  const { layout, serverFiles } = context;
  const { building, data, first } = layout;
  return [
    prepared(context, first.name),
    ...filled(context),
    ...serverFiles.map((file) => put(first.name, { ...file, path: file.path.replace(data, building) })),
    on(context, 'include our settings', ['sh', '-euc', include, 'include', building]),
    ...privately(context, building),
    giveName(context, first.name),
  ];
}

/** Where it is: the mark comes last, so that an interrupted run begins anew. Nothing of it is removed. */
function keptInPlace(context: Context): Command[] {
  const { layout, serverFiles } = context;
  const { data, first, version } = layout;
  const mark = serverFiles.filter(({ path }) => path.endsWith('/cfha.conf'));
  const others = serverFiles.filter(({ path }) => !path.endsWith('/cfha.conf'));
  return [
    on(context, 'keep their access rules and settings beside', ['sh', '-euc', settle, 'settle', data, String(version)]),
    ...others.map((file) => put(first.name, file)),
    on(context, 'include our settings', ['sh', '-euc', include, 'include', data]),
    ...privately(context, data),
    ...mark.map((file) => put(first.name, file)),
  ];
}

function filled(context: Context): Command[] {
  const { spec, layout, passwords } = context;
  const { building, bindir, version } = layout;
  const { source, locale } = spec.postgres;
  const settled = on(context, 'take its settings along', ['sh', '-euc', settle, 'settle', building, String(version)]);
  if (source?.tar !== undefined)
    return [on(context, `unpack ${source.tar}`, ['sh', '-euc', unpack, 'unpack', source.tar, building]), settled];
  if (source?.clone !== undefined) {
    const from = connection(source.clone);
    const copy = [`${bindir}/pg_basebackup`, '-D', building, '-d', from, '-X', 'stream', '-c', 'fast', '-w'] as const;
    const argv = asPostgres('sh', '-euc', clone, 'clone', ...copy);
    return [
      { ...on(context, `copy the server at ${source.clone.address}`, argv), input: `${passwords.source}\n` },
      settled,
    ];
  }
  const initdb = [`${bindir}/initdb`, '-D', building, '--data-checksums', '--encoding=UTF8', `--locale=${locale}`, '--auth-local=peer', '--auth-host=scram-sha-256'] as const; // prettier-ignore
  return [on(context, 'initdb', asPostgres(...initdb))];
}

/** Roles and database are made by a server that listens nowhere. */
function privately(context: Context, folder: string): Command[] {
  const { spec, layout, verifiers } = context;
  const options = ['listen_addresses=', `unix_socket_directories=${folder}`, 'logging_collector=off', `port=${spec.postgres.port}`]; // prettier-ignore
  const psql = [`${layout.bindir}/psql`, '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', folder, '-p', String(spec.postgres.port), '-d', 'postgres', '-f', '-'] as const; // prettier-ignore
  return [
    on(context, 'start it privately: no address, a socket of its own', start(context, folder, options)),
    { ...on(context, 'make roles and database', asOwner(...psql)), input: rolesSql(spec, verifiers) },
    on(context, 'stop it', stop(context, folder)),
  ];
}

/** For the plan: what the data come from, in words. */
function origin({ spec }: Context): string {
  const { source } = spec.postgres;
  if (source?.in_place === true) return 'brought along in place';
  if (source?.tar !== undefined) return `unpacked from ${source.tar}`;
  return source?.clone === undefined ? 'initialised' : `copied from ${source.clone.address}`;
}

export function initialised(context: Context): Goal {
  const { data, first, version } = context.layout;
  return {
    id: 'postgres/initialised',
    says: `PostgreSQL ${String(version)} is ${origin(context)} on ${first.name} in ${data}`,
    lacks: (facts) =>
      factsOf(facts, first.name).data.state === 'ours' ? [] : [`${first.name}: no instance in ${data}`],
    commands: () => madeFrom(context),
  };
}
