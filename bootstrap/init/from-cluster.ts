// A running cluster that cfha may not have built -> the region file that describes it, and what no region file can say.
import type { Configuration, ConfiguredResource } from '../../lib/pacemaker/configuration.ts';
import type { CorosyncConf } from '../../lib/pacemaker/corosync-conf.ts';
import { parameters } from '../../meta/parameters.ts';
import { settable } from '../spec/postgres.ts';

export type Running = {
  readonly corosync: CorosyncConf;
  readonly configuration: Configuration;
  /** What the server says, if it answers. */
  readonly server:
    | {
        readonly databases: readonly { readonly name: string; readonly owner: string }[];
        readonly networks: readonly string[];
      }
    | undefined;
};

type Named = { readonly id: string } & ConfiguredResource;

/** The region file of a running cluster; `notes` tell what it leaves out and what is to be filled in. */
export function fromCluster(running: Running): { file: object; notes: readonly string[] } | { problem: string } {
  const resources = Object.entries(running.configuration.resources).flatMap(([id, one]): Named[] =>
    one === undefined ? [] : [{ id, ...one }],
  );
  const database = resources.find(({ agent }) => /:(pgsql|cfpgsql)$/.test(agent));
  if (database === undefined) return { problem: 'the cluster has no resource of the agents pgsql and cfpgsql' };
  const vip = resources.find(({ agent, id }) => agent.endsWith(':IPaddr2') && isWithPrimary(running.configuration, id));
  const fence = resources.find(({ agent }) => agent.startsWith('stonith:'));
  const parts = { database, vip, fence };
  return {
    file: {
      region: running.corosync.name,
      nodes: running.corosync.nodes.map(({ name, address }) => ({ name, address })),
      vip: vipOf(vip),
      fencing: fencingOf(fence, running),
      postgres: postgresOf(database, running),
    },
    notes: notesOf(parts, resources, running),
  };
}

type Parts = { readonly database: Named; readonly vip: Named | undefined; readonly fence: Named | undefined };

function notesOf({ database, vip, fence }: Parts, all: readonly Named[], { server }: Running): string[] {
  const used = [database, vip, fence];
  const others = all.filter((one) => !used.includes(one));
  return [
    'Written from the running cluster. Passwords are not in it: put each into the file named, mode 0600.',
    ...(vip === undefined ? ['No IPaddr2 goes with the primary: give vip.address.'] : []),
    ...(fence === undefined ? ['The cluster has no fence device: give fencing. Without one nothing is safe.'] : []),
    ...(server?.databases[0] === undefined ? ['PostgreSQL did not answer here, or has no database: give postgres.database and postgres.clients.'] : []),
    ...others.map(({ id, agent }) => `Not in a region file: resource ${id} (${agent}). It is left as it is.`),
    ...used.flatMap((one, i) => renamed(one, i)),
  ]; // prettier-ignore
}

function vipOf(vip: Named | undefined): object {
  return { address: vip?.attributes['ip'] ?? '', prefix: Number(vip?.attributes['cidr_netmask'] ?? 24) };
}

function postgresOf(database: Named, { server }: Running): object {
  const { name, owner } = server?.databases[0] ?? { name: '', owner: '' };
  return {
    ...placeOf(database),
    replication: {
      mode: database.attributes['rep_mode'] === 'sync' ? 'sync' : 'async',
      user: database.attributes['repuser'] ?? parameters.repuser.default,
      password: { file: 'replicator.password' },
    },
    database: { name, owner, password: { file: `${owner === '' ? 'owner' : owner}.password` } },
    clients: server?.networks ?? [],
    parameters: given(database),
  };
}

const ourNames = ['postgresql', 'pgvip', 'fencing'] as const;

function renamed(one: Named | undefined, i: number): string[] {
  const ours = ourNames[i] ?? '';
  if (one === undefined || one.id === ours) return [];
  return [`Resource ${one.id} is called ${ours} in a region: bootstrap --check will say that ${ours} is missing.`];
}

function isWithPrimary({ constraints }: Configuration, id: string): boolean {
  return constraints.some((c) => c['constraint'] === 'colocation' && c['rsc'] === id);
}

const derivedOption =
  /^(passwd|password|passwd_script|password_script|action|plug|port|pcmk_host_(map|list|check|argument))$/;

function fencingOf(fence: Named | undefined, { corosync }: Running): object {
  const attributes = fence?.attributes ?? {};
  const map = (attributes['pcmk_host_map'] ?? '').split(';').map((pair) => pair.split(':'));
  const machines = new Map(map.map(([node = '', machine = '']) => [node.trim(), machine.trim()]));
  return {
    agent: fence?.agent.replace('stonith:', '') ?? '',
    options: Object.fromEntries(Object.entries(attributes).filter(([name]) => !derivedOption.test(name))),
    password: { file: 'fencing.password' },
    // Without a map Pacemaker asks for the machine by the node's own name.
    hosts: Object.fromEntries(corosync.nodes.map(({ name }) => [name, machines.get(name) ?? name])),
  };
}

function placeOf({ attributes }: Named): object {
  const { pgdata, pgport } = attributes as Readonly<Record<string, string | undefined>>;
  return { ...(pgdata === undefined ? {} : { data: pgdata }), port: Number(pgport ?? parameters.pgport.default) };
}

/** Parameters that a region file may give: those that differ from the agent's defaults. */
function given({ attributes }: Named): object {
  const known = Object.entries(attributes).filter(([name]) => settable.includes(name));
  return Object.fromEntries(known);
}
