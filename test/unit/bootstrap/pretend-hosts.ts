// Servers made of data: enough of their behaviour that every command of bootstrap has its effect.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { virtualsOf } from '../../../bootstrap/addresses.ts';
import { contextOf, type Context } from '../../../bootstrap/context.ts';
import type { CorosyncFacts, Facts, FileFacts, HostFacts, UnitFacts } from '../../../bootstrap/facts.ts';
import type { Command } from '../../../bootstrap/goal.ts';
import { layoutOf } from '../../../bootstrap/layout.ts';
import type { World } from '../../../bootstrap/reach.ts';
import { schema, type Spec } from '../../../bootstrap/spec.ts';
import type { Survey } from '../../../bootstrap/survey.ts';
import { sha256 } from '../../../lib/host/files.ts';
import type { Cluster } from '../../../lib/pacemaker/cib.ts';
import { readFenceMetadata } from '../../../lib/pacemaker/fence-metadata.ts';
import { dialectOf } from '../../../lib/pacemaker/dialect.ts';
import { emptyConfiguration, type Configuration, type Pairs } from '../../../lib/pacemaker/configuration.ts';
import { recordedRegion } from '../../record/region.ts';
import { edit, nodesOfSetup, pairs } from './pretend-pcs.ts';

export const aFile = recordedRegion;

/** The same with a third node, in synchronous mode with a quorum. */
export const three = {
  nodes: [...aFile.nodes, { name: 'db3', address: '10.77.0.13' }],
  fencing: { ...aFile.fencing, hosts: { ...aFile.fencing.hosts, db3: 'dc1-db3-vm' } },
  postgres: {
    ...aFile.postgres,
    replication: { ...aFile.postgres.replication, mode: 'sync', synchronous_standbys: 1 },
  },
};

export const passwords = {
  fencing: { fencing: 'fencing-secret' } as Record<string, string>,
  replication: 'replica:tion\\secret',
  owner: 'owner-secret',
  source: 'source-secret',
  quorum: 'quorum-secret',
};

/** What fence agents say of themselves (recorded). */
export const metadata = (agent: string) =>
  readFenceMetadata(readFileSync(join(import.meta.dirname, `../../recordings/fence/${agent}.xml`), 'utf8'));

/** Corosync's votes for nodes of which the majority goes on. */
export const alone = { twoNode: false, waitForAll: false };

export const aSurvey: Survey = {
  name: 'db1',
  root: true,
  machine: 'x86_64',
  family: 'debian',
  system: 'debian 12',
  programs: [],
  servers: { 15: '/usr/lib/postgresql/15/bin' },
  serverVersions: { 15: '15.14' },
  versions: { pacemaker: '2.1.5', corosync: '3.1.7', pcs: '0.11.5' },
  glibc: '2.36',
  machineId: 'a1',
  clockKept: true,
  selinux: '',
  apparmor: [],
  watchdog: true,
  postgresIds: '26:26',
  locales: ['C.utf8'],
  masked: [],
  fenceAgents: { fence_vmware_soap: metadata('fence_vmware_soap') },
};

export function aSpec(changes: object = {}): Spec {
  return schema.parse({ ...aFile, ...changes });
}

export function aContext(spec = aSpec()): Context {
  const executable = { path: '/dist/cfha', bytes: 11, sha256: sha256('/dist/cfha') };
  return contextOf({
    spec,
    layout: layoutOf(spec, aSurvey, 15),
    dialect: dialectOf(aSurvey.versions),
    passwords,
    executable,
  });
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Host = Mutable<HostFacts> & { unfinished: boolean };

function bareHost({ nodes }: Spec, address: string): Host {
  return {
    files: {},
    names: Object.fromEntries(nodes.map((node) => [node.name, node.name === 'db1' ? [node.address] : []])),
    addresses: [address],
    units: {
      'pcsd.service': { active: false, enabled: false },
      'postgresql.service': { active: false, enabled: true },
    },
    corosync: { name: 'debian', nodes: [{ name: 'node1', address: '127.0.0.1' }], ...alone },
    authenticated: [],
    data: { state: 'absent' },
    server: { state: 'stopped' },
    pending: [],
    firewall: false,
    vipAnswers: false,
    cluster: undefined,
    unfinished: false,
  };
}

/** Hosts on which commands act. A command that would fail on real hosts fails. */
export class PretendHosts implements World {
  readonly hosts: Record<string, Host>;
  readonly story: string[] = [];
  /** After so many commands the run is killed: before the next one, or in the middle of it. */
  killAfter = Infinity;
  stopAfter = Infinity;
  /** The hosts that have mounted the same WAL archive. */
  sharing: readonly string[] = ['db1', 'db2', 'db3'];
  mayRestart = false;
  private clock = 0;
  private edited: Mutable<Configuration> = { ...emptyConfiguration };
  private configuration: Configuration = emptyConfiguration;
  private readonly context: Context;

  constructor(context: Context) {
    this.context = context;
    this.hosts = Object.fromEntries(
      context.spec.nodes.map(({ name, address }) => [name, bareHost(context.spec, address)]),
    );
  }

  get facts(): Facts {
    const running = Object.values(this.hosts).every((host) => host.units['pacemaker.service']?.active === true);
    const configured = this.configuration.resources['postgresql'] !== undefined;
    const status = clusterStatus(configured, this.context.spec);
    const seen = Object.entries(this.hosts).map(([name, { unfinished: _, ...host }]): [string, HostFacts] => {
      if (!running) return [name, structuredClone(host)];
      const cluster = { status, configuration: this.configuration };
      return [name, structuredClone({ ...host, cluster, ...(configured ? this.managed(name) : {}) })];
    });
    return { hosts: Object.fromEntries(seen) };
  }

  private managed(name: string): Pick<HostFacts, 'server' | 'addresses' | 'vipAnswers'> {
    const { verifiers, spec } = this.context;
    const { replication, database } = spec.postgres;
    const roles = { [replication.user]: verifiers.replication, [database.owner]: verifiers.owner };
    const primary = { state: 'primary', roles, databases: { [database.name]: database.owner } } as const;
    const first = name === 'db1';
    return {
      server: first ? primary : { state: 'standby' },
      addresses: [
        ...(this.hosts[name]?.addresses ?? []),
        ...(first ? virtualsOf(spec).map(({ address }) => address) : []),
      ],
      vipAnswers: true,
    };
  }

  /** A host, to be changed. */
  host(name: string): Host {
    const host = this.hosts[name];
    if (host === undefined) throw new Error(`no ${name}`);
    return host;
  }

  /** Somebody edits a file. */
  change(name: string, path: string): void {
    const host = this.host(name);
    const file = host.files[path];
    if (file === undefined) throw new Error(`${name} has no ${path}`);
    host.files = { ...host.files, [path]: { ...file, sha256: sha256('edited') } };
  }

  /** Somebody changes the configuration. */
  configure(changes: Partial<Configuration>): void {
    this.configuration = { ...this.configuration, ...changes };
  }

  look = () => Promise.resolve({ facts: this.facts });
  wait = (seconds: number) => Promise.resolve(void (this.clock += seconds));
  seconds = () => this.clock;
  stopping = () => this.story.length >= this.stopAfter;
  tell = () => undefined;
  evidence = () => Promise.resolve('');
  act = (command: Command) => {
    if (this.story.length >= this.killAfter) throw new Error('killed');
    this.story.push(`${command.on}: ${command.says}`);
    const failed = this.does(command);
    return Promise.resolve(failed === undefined ? undefined : { failed });
  };

  private does({ on, run, input, inputFile }: Command): string | undefined {
    const host = this.hosts[on];
    const { program, args } = called(run);
    const effect = (this.effects as Readonly<Record<string, Effect | undefined>>)[program];
    if (host === undefined || effect === undefined) return `${on}: ${program}: not found`;
    return effect({ host, args, sent: input ?? inputFile ?? '' });
  }

  private readonly effects = {
    put: ({ host, args: [path = '', mode = '', owner = ''], sent }) => {
      const inside = path.startsWith(this.context.layout.building);
      if (inside && !host.unfinished) return 'no such directory';
      const place = path.replace(this.context.layout.building, this.context.layout.data);
      const file: FileFacts = { sha256: sha256(sent), mode, owner };
      // The mark makes data that were brought along ours.
      if (path.endsWith('/cfha.conf') && host.data.state === 'foreign') host.data = ourData(this.context.spec);
      host.files = { ...host.files, [place]: file };
      return undefined;
    },
    hosts: ({ host, args: [address = '', name = ''] }) => void (host.names = { ...host.names, [name]: [address] }),
    systemctl: ({ host, args: [verb = '', ...words] }) => {
      const units = words.filter((word) => !word.startsWith('-'));
      for (const unit of units) this.unit(host, unit, words.includes('--now') ? `${verb} --now` : verb);
      return undefined;
    },
    debian: ({ host }) => void (host.corosync = undefined),
    storage: ({ host }) => {
      if (host.storage?.state === 'foreign') return 'not blank';
      host.storage = { state: 'made', mounted: false };
      return undefined;
    },
    mount: ({ host, args: [at = '', from = ''] }) => {
      if (from.startsWith('UUID=') && host.storage?.state !== 'made') return 'special device does not exist';
      if (from.startsWith('UUID=')) host.storage = { state: 'made', mounted: true };
      host.folders = { ...host.folders, [at]: { from, fstab: from, owner: 'root', mode: '0755' } };
      return undefined;
    },
    own: ({ host, args: [at = '', mode = ''] }) => {
      const folder = host.folders?.[at];
      if (folder === undefined) return 'no such directory';
      host.folders = { ...host.folders, [at]: { ...folder, owner: 'postgres', mode } };
      return undefined;
    },
    label: ({ host, args: [type = '', , folder = ''] }) => {
      host.labels = { ...host.labels, [folder]: { wanted: type, is: type } };
      return undefined;
    },
    cfha: ({ host, args }) => {
      if (args.join(' ') !== 'wal init' || host.data.state !== 'ours') return 'no control file';
      const mark = { systemId: host.data.systemId, id: 'abc' };
      for (const one of this.sharing.map((name) => this.hosts[name])) if (one !== undefined) one.archive = mark;
      return undefined;
    },
    prepare: ({ host }) => void (host.unfinished = false),
    initdb: ({ host }) => (host.unfinished ? 'directory is not empty' : void (host.unfinished = true)),
    unpack: ({ host }) => (host.unfinished ? 'directory is not empty' : void (host.unfinished = true)),
    clone: ({ host, sent }) => (host.unfinished || sent !== 'source-secret\n' ? 'no' : void (host.unfinished = true)),
    settle: ({ host }) => (host.unfinished || host.data.state === 'foreign' ? undefined : 'no such directory'),
    include: ({ host }) => (host.unfinished || host.data.state === 'foreign' ? undefined : 'no such file'),
    start: ({ host, args: [, data] }) => {
      if (data === this.context.layout.building) return host.unfinished ? undefined : 'no such directory';
      // Privately, and stopped again by the same goal.
      if (host.data.state === 'foreign') return undefined;
      return host.server.state === 'stopped'
        ? void (host.server = { state: 'primary', roles: {}, databases: {} })
        : 'it runs already';
    },
    psql: ({ sent }) => (sent.includes('CREATE DATABASE') ? undefined : 'nothing to do'),
    pg_ctl: ({ host, args }) => {
      if (args.at(-1) === 'stop' && args.includes(this.context.layout.data)) host.server = { state: 'stopped' };
    },
    name: ({ host }) => {
      if (!host.unfinished || host.data.state === 'ours') return 'cannot rename';
      host.unfinished = false;
      host.data = ourData(this.context.spec);
      return undefined;
    },
    pg_basebackup: ({ host }) => {
      const first = this.hosts['db1'];
      if (first?.server.state !== 'primary') return 'connection refused';
      host.unfinished = true;
      host.files = { ...first.files, ...host.files };
      return undefined;
    },
    chpasswd: ({ sent }) => (sent.startsWith('hacluster:') ? undefined : 'another user'),
    cp: () => void (this.edited = this.configuration),
    rm: () => undefined,
    pcs: ({ host, args, sent }) => this.pcs(host, args, sent),
  } satisfies Record<string, Effect>;

  private units(start: boolean): undefined {
    for (const one of Object.values(this.hosts)) {
      for (const unit of ['corosync.service', 'pacemaker.service']) {
        const before = one.units[unit] ?? { active: false, enabled: false };
        one.units = { ...one.units, [unit]: start ? { ...before, active: true } : { ...before, enabled: true } };
      }
    }
  }

  private quorumDevice(host: Host, { host: at = '', algorithm = '' }: Pairs): string | undefined {
    if (!host.authenticated.includes(at)) return 'not authenticated';
    for (const one of Object.values(this.hosts))
      one.units = { ...one.units, 'corosync-qdevice.service': { active: true, enabled: true } };
    return this.corosync((before) => ({ ...before, ...alone, device: { host: at, algorithm } }));
  }

  private corosync(change: (before: CorosyncFacts) => CorosyncFacts): undefined {
    for (const one of Object.values(this.hosts))
      one.corosync = change(one.corosync ?? { name: '', nodes: [], ...alone });
  }

  private unit(host: Host, unit: string, verb: string): void {
    const { active, enabled } = host.units[unit] ?? { active: false, enabled: false };
    const verbs: Readonly<Record<string, UnitFacts>> = {
      restart: { active: true, enabled },
      enable: { active, enabled: true },
      'enable --now': { active: true, enabled: true },
      disable: { active, enabled: false },
    };
    host.units = { ...host.units, [unit]: verbs[verb] ?? { active, enabled } };
    if (verb === 'restart') this.inForce(host, unit);
  }

  /** What a unit of ours does when it is started. */
  private inForce(host: Host, unit: string): void {
    host.firewall ||= unit === 'cfha-firewall.service';
    if (unit === 'cfha-routes.service') host.routes = this.context.spec.nodes.flatMap(({ routes }) => routes);
  }

  private pcs(host: Host, args: readonly string[], sent: string): string | undefined {
    switch (args.slice(0, 2).join(' ')) {
      case 'host auth':
        if (sent === '') return 'no password';
        return void (host.authenticated = [
          ...new Set([...host.authenticated, ...args.slice(4).filter((_, i) => i % 2 === 0)]),
        ]);
      case 'cluster setup':
        if (host.authenticated.length === 0) return 'not authenticated';
        return this.corosync(() => {
          const nodes = nodesOfSetup(args.slice(3));
          return { name: args[2] ?? '', nodes, twoNode: nodes.length === 2, waitForAll: nodes.length === 2 };
        });
      case 'cluster link':
        return this.corosync((before) => ({
          ...before,
          nodes: before.nodes.map((node) => ({ ...node, second: pairs(args)[node.name] ?? '' })),
        }));
      case 'quorum device':
        return this.quorumDevice(host, pairs(args));
      case 'cluster start':
      case 'cluster enable':
        return host.corosync === undefined ? 'no cluster' : this.units(args.includes('start'));
      case 'cluster cib':
        return undefined;
      case 'resource restart':
        return void (host.pending = []);
      case 'cluster cib-push':
        return void (this.configuration = this.edited);
      default:
        return args[0] === '-f' ? void (this.edited = edit(this.edited, args.slice(2))) : `unknown: ${args.join(' ')}`;
    }
  }
}

const ourData = (spec: Spec) => ({ state: 'ours', region: spec.region, version: 15, systemId: '7001' }) as const;

type Effect = (call: { host: Host; args: readonly string[]; sent: string }) => string | undefined;

/** The program of a command, or the name of the script; with its arguments. */
function called(run: readonly string[]): { program: string; args: readonly string[] } {
  const words = run[0] === 'env' ? run.slice(run.indexOf('--') + 1) : run;
  const [program = '', , , script = ''] = words;
  return program === 'sh'
    ? { program: script, args: words.slice(4) }
    : { program: basename(program), args: words.slice(1) };
}

/** A cluster of all nodes, with db1's instance promoted if there is one. */
export function clusterStatus(configured: boolean, spec = aSpec()): Cluster {
  const quorum = spec.postgres.replication.synchronous_standbys !== undefined;
  const follows = quorum ? (['HS:sync', 'STREAMING|QUORUM'] as const) : (['HS:async', 'STREAMING|ASYNC'] as const);
  const node = (name: string, role: 'Promoted' | 'Unpromoted', [status, data]: readonly [string, string]) => ({
    name,
    online: true,
    inMembership: true,
    expected: 'member' as const,
    role: configured ? role : undefined,
    attributes: {
      reboot: configured ? { 'postgresql-status': status } : {},
      forever: configured ? { 'postgresql-data-status': data } : {},
    },
  });
  const nodes = spec.nodes.map(({ name }) =>
    name === 'db1' ? node(name, 'Promoted', ['PRI', 'LATEST']) : node(name, 'Unpromoted', follows),
  );
  return { quorate: true, fencing: true, nodes: Object.fromEntries(nodes.map((each) => [each.name, each])) };
}
