// Goals on the data: an instance on the first node, its copies on the others. A data directory gets its name when it is whole.
import type { Argv } from '../../lib/host/exec.ts';
import { commandLine } from '../../lib/host/shell.ts';
import { ownerVariable } from '../../lib/postgres/session-settings.ts';
import type { Context } from '../context.ts';
import { clusterOf, on, type Facts, type HostFacts } from '../facts.ts';
import type { Command, Goal } from '../goal.ts';
import { lackingOn, nodeNames } from './nodes.ts';

/** A program as the user who owns the server, in a directory that user can enter. */
export function asPostgres(...argv: Argv): Argv {
  return ['env', '-C', '/', 'runuser', '-u', 'postgres', '--', ...argv];
}

/** psql as the server's owner, with the settings that every session of ours has. */
export function asOwner(...argv: Argv): Argv {
  return ['env', '-C', '/', ownerVariable(), 'runuser', '-u', 'postgres', '--', ...argv];
}

/** Starts a server; if it does not start, its words are the error. */
export function start({ layout }: Context, data: string, options: readonly string[]): Argv {
  const script = `"$1" -w -t 3600 -D "$2" -l "$2/cfha-start.log" -o "$3" start >/dev/null || { cat "$2/cfha-start.log" >&2; exit 1; }; rm -f "$2/cfha-start.log"`;
  return asPostgres(
    'sh',
    '-euc',
    script,
    'start',
    `${layout.bindir}/pg_ctl`,
    data,
    commandLine(options.flatMap((o) => ['-c', o])),
  );
}

export function stop({ layout }: Context, data: string): Argv {
  return asPostgres(`${layout.bindir}/pg_ctl`, '-w', '-t', '300', '-m', 'fast', '-D', data, 'stop');
}

// An interrupted run may have left a server in the unfinished directory. The directory is made by root: what is above it
// may be a volume that only root writes to.
const prepare = `if [ -e "$2/postmaster.pid" ]; then runuser -u postgres -- "$1" -D "$2" -m immediate -t 60 stop || true; fi
rm -rf "$2"
[ -d "\${2%/*}" ] || install -d -o postgres -g postgres -m 0755 "\${2%/*}"
install -d -o postgres -g postgres -m 0700 "$2"`;

export function prepared({ layout }: Context, name: string): Command {
  return {
    on: name,
    says: 'prepare an empty directory',
    run: ['sh', '-euc', prepare, 'prepare', `${layout.bindir}/pg_ctl`, layout.building],
  };
}

export function giveName({ layout }: Context, name: string): Command {
  return {
    on: name,
    says: `make it ${layout.data}`,
    run: ['sh', '-euc', 'cd /; sync -f "$1"; mv -T "$1" "$2"; sync -f "$2"', 'name', layout.building, layout.data],
  };
}

export function cloned(context: Context): Goal {
  const { spec, layout } = context;
  const { building, bindir, data, first, others, passfile } = layout;
  const from = `host=${first.address} port=${String(spec.postgres.port)} user=${spec.postgres.replication.user} passfile=${passfile} connect_timeout=10`;
  const without = (facts: Facts) => others.filter(({ name }) => on(facts, name).data.state !== 'ours');
  const copy = (name: string): Command[] => [
    {
      on: name,
      says: 'take a base backup over the network',
      run: asPostgres(`${bindir}/pg_basebackup`, '-D', building, '-d', from, '-X', 'stream', '-c', 'fast', '-w'),
    },
    giveName(context, name),
  ];
  const opened: Command = {
    on: first.name,
    says: `start PostgreSQL at ${first.address}`,
    run: start(context, data, [`listen_addresses=${first.address}`]),
  };
  return {
    id: 'postgres/cloned',
    says: `${others.map(({ name }) => name).join(', ')} ${others.length === 1 ? 'has a copy' : 'have copies'} of it`,
    lacks: (facts) => without(facts).map(({ name }) => `${name}: no copy in ${data}`),
    commands: (facts) => [
      ...without(facts).map(({ name }) => prepared(context, name)),
      ...(on(facts, first.name).server.state === 'stopped' ? [opened] : []),
      ...without(facts).flatMap(({ name }) => copy(name)),
    ],
  };
}

/** Whether Pacemaker is in charge of the server: then it is not ours to start or stop. */
export function managed(facts: Facts): boolean {
  return clusterOf(facts)?.configuration.resources['postgresql'] !== undefined;
}

export function handedOver(context: Context): Goal {
  const all = nodeNames(context);
  const stray = (facts: Facts, { server }: HostFacts) => server.state !== 'stopped' && !managed(facts);
  return {
    id: 'postgres/handed-over',
    says: 'no PostgreSQL runs outside the cluster',
    lacks: (facts) => lackingOn(all, facts, (host) => (stray(facts, host) ? ['PostgreSQL runs'] : [])),
    commands: (facts) =>
      all
        .filter((name) => stray(facts, on(facts, name)))
        .map((name) => ({ on: name, says: 'stop PostgreSQL', run: stop(context, context.layout.data) })),
  };
}
