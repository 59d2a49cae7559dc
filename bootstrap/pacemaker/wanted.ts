// The configuration that Pacemaker shall have, as data: what pcs is asked for, and what the CIB is compared with.
import type { Configuration, Pairs } from '../../lib/pacemaker/configuration.ts';
import type { Operation } from '../../lib/pacemaker/pcs.ts';
import type { ParameterName } from '../../meta/parameters.ts';
import { restoreCommand } from '../archive.ts';
import type { Layout } from '../layout.ts';
import { replicationAddress, virtualsOf, vipName, type Virtual } from '../addresses.ts';
import { devicesOf, levelsOf, passwordScript, type Device, type Level } from '../devices.ts';
import { synchronisesSlots } from '../server-files.ts';
import type { Spec } from '../spec.ts';

export const resourceName = 'postgresql';
export const cloneName = 'postgresql-clone';

export type Resource = {
  readonly id: string;
  readonly agent: string;
  readonly attributes: Pairs;
  readonly operations: readonly Operation[];
  readonly meta: Pairs;
};

export type Wanted = {
  readonly properties: Pairs;
  readonly defaults: Pairs;
  readonly resources: readonly Resource[];
  readonly clone: { readonly id: string; readonly of: string; readonly meta: Pairs };
  readonly constraints: readonly Pairs[];
  /** Which fence devices are tried when, for each node. */
  readonly levels: readonly Level[];
};

/** The configuration for a region. docs/bootstrap.md says why each value is what it is. */
export function wantedConfiguration(spec: Spec, layout: Layout): Wanted {
  return {
    properties: {
      'stonith-enabled': 'true',
      'stonith-max-attempts': 'INFINITY',
      'priority-fencing-delay': `${String(spec.fencing.delay)}s`,
    },
    defaults: { 'resource-stickiness': String(spec.cluster.stickiness) },
    resources: [...devicesOf(spec).map(fencing), ...virtualsOf(spec).map(vip), database(spec, layout)],
    clone: {
      id: cloneName,
      of: resourceName,
      meta: {
        ...{ 'promoted-max': '1', 'promoted-node-max': '1', 'clone-max': String(spec.nodes.length) },
        ...{ 'clone-node-max': '1', notify: 'true' },
      },
    },
    constraints: virtualsOf(spec).flatMap(({ id }) => withPrimary(id)),
    levels: levelsOf(spec),
  };
}

/** An address that is where the promoted instance is. */
function withPrimary(id: string): Pairs[] {
  const start = { first: cloneName, 'first-action': 'promote', then: id, 'then-action': 'start' };
  const stop = { first: cloneName, 'first-action': 'demote', then: id, 'then-action': 'stop' };
  return [
    { constraint: 'colocation', rsc: id, 'with-rsc': cloneName, 'with-rsc-role': 'Promoted', score: 'INFINITY' },
    { constraint: 'order', ...start, symmetrical: 'false', kind: 'Mandatory' },
    { constraint: 'order', ...stop, symmetrical: 'false', kind: 'Optional' },
  ];
}

/** Without names of machines Pacemaker must be told which nodes it powers. */
function machinesOf({ machines, nodes }: Device): Pairs {
  if (machines === undefined) return { pcmk_host_list: nodes.join(' '), pcmk_host_check: 'static-list' };
  const map = Object.entries(machines).map(([node, machine]) => `${node}:${machine}`);
  return { pcmk_host_map: map.join(';') };
}

function fencing(device: Device): Resource {
  const { name, agent, options, hasPassword } = device;
  const password: Pairs = hasPassword ? { password_script: passwordScript(device) } : {};
  return {
    id: name,
    agent: `stonith:${agent}`,
    attributes: { ...options, ...password, ...machinesOf(device) },
    operations: [{ name: 'monitor', interval: '60s', timeout: '60s' }],
    meta: {},
  };
}

// A label may be 15 characters with the interface: only the clients' address has one.
function vip({ id, address, prefix }: Virtual): Resource {
  const label: Pairs = id === vipName ? { iflabel: vipName } : {};
  return {
    id,
    agent: 'ocf:heartbeat:IPaddr2',
    attributes: { ip: address, cidr_netmask: String(prefix), ...label },
    operations: [{ name: 'monitor', interval: '10s', timeout: '20s' }],
    meta: {},
  };
}

function database(spec: Spec, layout: Layout): Resource {
  const { replication, port, parameters } = spec.postgres;
  const derived: Partial<Record<ParameterName, string>> = {
    pgctl: `${layout.bindir}/pg_ctl`,
    psql: `${layout.bindir}/psql`,
    pgdata: layout.data,
    config: `${layout.data}/postgresql.conf`,
    pgport: String(port),
    rep_mode: replication.mode,
    ...(replication.synchronous_standbys === undefined
      ? {}
      : { synchronous_standbys: String(replication.synchronous_standbys) }),
    node_list: spec.nodes.map((node) => node.name).join(' '),
    master_ip: replicationAddress(spec),
    repuser: replication.user,
    primary_conninfo_opt: `passfile=${layout.passfile} connect_timeout=10 keepalives_idle=10 keepalives_interval=3 keepalives_count=3${synchronisesSlots(spec) ? ' dbname=postgres' : ''}`,
    tmpdir: layout.agentFolder,
    check_wal_receiver: 'false',
    restart_on_promote: 'false',
    demote_to: 'standby',
    election: 'published',
    rejoin: 'rewind',
    // Both are needed: a physical slot that the standby's WAL waits for, and no slot of the same name in the way.
    ...(synchronisesSlots(spec) ? { replication_slot_name: 'cfha', logical_slots: 'drop' } : {}),
    ...restoring(spec),
  };
  const op = (name: string, interval: string, more: Pairs): Operation => ({ name, interval, timeout: '60s', ...more });
  const restart = { 'on-fail': 'restart' };
  return {
    id: resourceName,
    agent: 'ocf:custom:cfpgsql',
    attributes: { ...derived, ...parameters },
    operations: [
      op('start', '0s', restart),
      op('stop', '0s', {}),
      op('monitor', '4s', restart),
      op('monitor', '3s', { ...restart, role: 'Promoted' }),
      op('promote', '0s', restart),
      op('demote', '0s', restart),
      op('notify', '0s', {}),
    ],
    meta: {
      priority: '10',
      'migration-threshold': String(spec.cluster.migration_threshold),
      'failure-timeout': `${String(spec.cluster.failure_timeout)}s`,
    },
  };
}

/** The agent writes it into the server's settings of a standby. */
function restoring(spec: Spec): Partial<Record<ParameterName, string>> {
  const command = restoreCommand(spec);
  return command === undefined ? {} : { restore_command: command };
}

/** Whether anything of ours is configured: then a difference is a change to a running region. */
export function isConfigured(found: Configuration): boolean {
  return found.resources[resourceName] !== undefined;
}
