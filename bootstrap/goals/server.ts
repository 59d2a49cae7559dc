// Goals on a server that has its data: settings, roles, database.
import * as pcs from '../../lib/pacemaker/pcs.ts';
import type { Context } from '../context.ts';
import { on, type Facts, type HostFacts } from '../facts.ts';
import type { Goal } from '../goal.ts';
import { resourceName } from '../pacemaker/wanted.ts';
import { verifies } from '../scram.ts';
import { mark, rolesSql } from '../server-files.ts';
import { isAs, lackingOn, nodeNames, put } from './nodes.ts';
import { asOwner, asPostgres, managed } from './postgres.ts';

export function settings(context: Context): Goal {
  const { layout, serverFiles } = context;
  const all = nodeNames(context);
  // Where there is no instance yet, there is nothing to differ: it is made with these files.
  const missing = (host: HostFacts) =>
    host.data.state === 'ours' ? serverFiles.filter((file) => !isAs(file, host)) : [];
  return {
    id: 'postgres/settings',
    says: `settings and access rules are those of the file (${mark(context.spec).slice(2)})`,
    lacks: (facts) => lackingOn(all, facts, (host) => missing(host).map((file) => `${file.path} differs`)),
    commands: (facts) =>
      all.flatMap((name) => {
        const files = missing(on(facts, name)).map((file) => put(name, file));
        const reload = {
          on: name,
          says: 'reload PostgreSQL',
          run: asPostgres(`${layout.bindir}/pg_ctl`, '-D', layout.data, 'reload'),
        };
        return files.length > 0 && on(facts, name).server.state !== 'stopped' ? [...files, reload] : files;
      }),
  };
}

/** Only if the file wants logrotate: else PostgreSQL rotates by itself. */
export function logrotate(context: Context): Goal[] {
  const { logFiles } = context;
  const all = nodeNames(context);
  if (logFiles.length === 0) return [];
  const missing = (host: HostFacts) => logFiles.filter((file) => !isAs(file, host));
  return [
    {
      id: 'postgres/logrotate',
      says: 'logrotate rotates the server’s log',
      lacks: (facts) =>
        lackingOn(all, facts, (host) => missing(host).map(({ path }) => `${path} is not as it must be`)),
      commands: (facts) => all.flatMap((name) => missing(on(facts, name)).map((file) => put(name, file))),
    },
  ];
}

export function database(context: Context): Goal {
  const { spec, layout, passwords, verifiers } = context;
  const { replication, database: wanted, port, parameters } = spec.postgres;
  const primary = (facts: Facts) => nodeNames(context).find((name) => on(facts, name).server.state === 'primary');
  const socket = parameters['socketdir'] === undefined ? [] : ['-h', parameters['socketdir']];
  return {
    id: 'database/present',
    says: `database ${wanted.name} and its roles are there, with the passwords of the file`,
    lacks: (facts) => {
      const server = on(facts, primary(facts) ?? layout.first.name).server;
      // The instance is made with them; that there is a primary is another goal.
      if (server.state !== 'primary') return [];
      return [
        ...(verifies(server.roles[replication.user] ?? '', passwords.replication)
          ? []
          : [`role ${replication.user} is missing or has another password`]),
        ...(verifies(server.roles[wanted.owner] ?? '', passwords.owner)
          ? []
          : [`role ${wanted.owner} is missing or has another password`]),
        ...(server.databases[wanted.name] === wanted.owner
          ? []
          : [`database ${wanted.name} is missing or not owned by ${wanted.owner}`]),
      ];
    },
    commands: (facts) => [
      {
        on: primary(facts) ?? layout.first.name,
        says: 'make roles and database',
        run: asOwner(
          `${layout.bindir}/psql`,
          '-XAtq',
          '-v',
          'ON_ERROR_STOP=1',
          ...socket,
          '-p',
          String(port),
          '-d',
          'postgres',
          '-f',
          '-',
        ),
        input: rolesSql(spec, verifiers),
      },
    ],
  };
}

const restartSeconds = 180;

/** Settings that only a restart brings into force: the standbys first, which must allow as much as the primary has. */
export function inForce(context: Context): Goal {
  const all = nodeNames(context);
  const open = (facts: Facts) =>
    all
      .filter((name) => managed(facts) && on(facts, name).pending.length > 0)
      .toSorted((a, b) => Number(isPrimary(facts, a)) - Number(isPrimary(facts, b)));
  return {
    id: 'postgres/in-force',
    says: 'all settings are in force',
    restarts: (facts) => open(facts).map((name) => `PostgreSQL on ${name}`),
    lacks: (facts) => open(facts).map((name) => `${name}: ${on(facts, name).pending.join(', ')} after a restart only`),
    commands: (facts) =>
      open(facts).map((name) => ({
        on: name,
        says: 'restart PostgreSQL',
        run: pcs.restartOn(resourceName, name, restartSeconds),
      })),
    withinSeconds: 60,
  };
}

const isPrimary = (facts: Facts, name: string): boolean => on(facts, name).server.state === 'primary';
