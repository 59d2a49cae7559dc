import { describe, expect, it } from '@jest/globals';
import { offset } from '../../../bootstrap/clocks.ts';
import { on, type Facts, type HostFacts } from '../../../bootstrap/facts.ts';
import { goalsOf } from '../../../bootstrap/plan.ts';
import { alikeFindings, clockFindings, versionFinding } from '../../../bootstrap/findings/alike.ts';
import { hostFindings } from '../../../bootstrap/findings/hosts.ts';
import { regionFindings, type Evidence } from '../../../bootstrap/preflight.ts';
import type { Probe } from '../../../bootstrap/probe.ts';
import { reach } from '../../../bootstrap/reach.ts';
import { neededPrograms } from '../../../bootstrap/survey.ts';
import { aContext, alone, aSpec, aSurvey, PretendHosts } from './pretend-hosts.ts';

const context = aContext();
const spec = aSpec();
const complete = { ...aSurvey, programs: [...neededPrograms, 'fence_vmware_soap'] };
const room = { free: 2 ** 40, kind: 'ext4', readOnly: false, at: '/var/lib/postgresql' };
const free: Probe = {
  vipsUsed: [],
  vipsOnLink: ['10.77.0.100'],
  quorumClosed: [],
  starters: [],
  portUsed: false,
  room,
  source: undefined,
  fencing: { fencing: { machines: ['dc1-db1-vm', 'dc1-db2-vm'] } },
};

const codes = (host: string, survey: Parameters<typeof hostFindings>[1]) =>
  hostFindings(host, survey, { spec, arch: 'x64' }).map((report) => report.code);

describe('a host', () => {
  it.each<[string, Partial<typeof complete>, string[]]>([
    ['complete', {}, []],
    ['with its full name', { name: 'db1.example.com' }, []],
    ['not as root', { root: false }, ['NOT_ROOT']],
    ['with another name', { name: 'db9' }, ['WRONG_NAME']],
    ['of another kind', { machine: 'aarch64' }, ['MACHINE_DIFFERS']],
    ['without programs', { programs: ['pcs'] }, ['PROGRAM_MISSING']],
    ['of another family', { family: 'other', system: 'arch ' }, ['SYSTEM_UNKNOWN']],
    ['with a pcs of EL 7', { versions: { ...aSurvey.versions, pcs: '0.9.169' } }, ['SYSTEM_TOO_OLD']],
    ['with a pcs of EL 8', { versions: { ...aSurvey.versions, pcs: '0.10.1' } }, []],
    ['with a masked unit', { masked: ['corosync.service'] }, ['UNIT_MASKED']],
    ['whose clock nobody keeps', { clockKept: false }, ['CLOCK_NOT_KEPT']],
    ['that cannot tell whether its clock is kept', { clockKept: undefined }, []],
    ['without a watchdog', { watchdog: false }, ['WATCHDOG_NONE']],
    ['without the locale', { locales: ['C', 'de_DE.utf8'] }, ['LOCALE_MISSING']],
    ['without its server’s user', { postgresIds: undefined }, ['NO_POSTGRES_USER']],
    ['without server and user', { postgresIds: undefined, servers: {} }, []],
    ['with AppArmor', { apparmor: ['/usr/lib/postgresql/15/bin/postgres (enforce)'] }, ['APPARMOR_ENFORCES']],
    ['with SELinux', { selinux: 'enforcing' }, ['SELINUX_ENFORCES']],
    ['with SELinux that only warns', { selinux: 'permissive' }, []],
    [
      'wrong in every way',
      { root: false, name: 'x', machine: 'ppc', programs: [] },
      ['NOT_ROOT', 'WRONG_NAME', 'MACHINE_DIFFERS', 'PROGRAM_MISSING'],
    ],
  ])('%s', (_, changes, expected) => {
    expect(codes('db1', { ...complete, ...changes })).toEqual(expected);
  });

  it('that ssh does not reach', () => {
    expect(codes('db1', { unreachable: 'Connection refused' })).toEqual(['UNREACHABLE']);
  });

  it('whose server versions do not fit is told with what is there', () => {
    const hosts = [
      { ...complete, host: 'db1' },
      { ...complete, host: 'db2', servers: {} },
    ];
    expect(versionFinding(spec, hosts)).toMatchObject({ code: 'NO_SERVER', found: 'db1 has 15; db2 has none' });
  });
});

describe('two hosts', () => {
  const alike = (changes: Partial<typeof complete>, wanted = spec) => {
    const surveys = [
      { ...complete, host: 'db1' },
      { ...complete, machineId: 'a2', host: 'db2', ...changes },
    ];
    // The notes about VMware are told whatever the hosts are.
    const told = alikeFindings(wanted, surveys, 15).map(({ code }) => code);
    return told.filter((code) => code !== 'SUPPORT_MIGRATION' && code !== 'FENCING_UNCHECKED_TLS');
  };
  it.each<[string, Partial<typeof complete>, string[]]>([
    ['that are alike', {}, []],
    ['of two releases', { system: 'debian 13' }, ['SYSTEMS_DIFFER']],
    ['with two Pacemakers', { versions: { ...aSurvey.versions, pacemaker: '2.1.6' } }, ['VERSIONS_DIFFER']],
    ['of which one lacks a program', { versions: {} }, []],
    ['with two minor versions', { serverVersions: { 15: '15.3' } }, ['SERVERS_DIFFER']],
    ['with two versions of glibc', { glibc: '2.28' }, ['LIBRARIES_DIFFER']],
    ['of which one has SELinux', { selinux: 'permissive' }, ['SELINUX_DIFFERS']],
    ['with two ids of postgres', { postgresIds: '105:111' }, ['IDS_DIFFER']],
    ['that are copies of one machine', { machineId: 'a1' }, ['MACHINE_ID_SHARED']],
  ])('%s', (_, changes, expected) => {
    expect(alike(changes)).toEqual(expected);
  });

  it('with an option that the fence agent has not are told which is meant', () => {
    const wanted = aSpec({
      fencing: { ...spec.fencing, options: { ip: '10.77.0.1', username: 'x', usrename: 'x', pcmk_delay_max: '5s' } },
    });
    expect(alike({}, wanted)).toEqual(['FENCING_OPTION_UNKNOWN']);
    expect(alikeFindings(wanted, [{ ...complete, host: 'db1' }], 15)).toContainEqual(
      expect.objectContaining({ option: 'usrename', near: '; is username meant?' }),
    );
  });

  it('without a delay fence each other', () => {
    expect(alike({}, aSpec({ fencing: { ...spec.fencing, delay: 0 } }))).toEqual(['FENCE_RACE']);
  });

  it('have clocks apart only if no time under way explains it', () => {
    const db1 = offset(100, 100, 100.1);
    expect(clockFindings({ db1, db2: offset(101.05, 100, 101.5) })).toEqual([]);
    expect(clockFindings({ db1, db2: offset(90, 100, 100.1) })).toMatchObject([
      { code: 'CLOCKS_APART', seconds: '9.9' },
    ]);
  });
});

/** Findings on bare hosts, db2 changed. */
function findings(
  changes: Partial<HostFacts>,
  probe: Partial<Probe> = {},
  { begin = new PretendHosts(context).facts, ports = {} }: { begin?: Facts; ports?: Evidence['ports'] } = {},
) {
  const hosts = { ...begin.hosts, db2: { ...on(begin, 'db2'), ...changes } };
  const probes = { db1: free, db2: { ...free, ...probe } };
  return regionFindings(context, { facts: { hosts }, probes, ports }).map((report) =>
    'host' in report ? `${report.host} ${report.code}` : report.code,
  );
}

const ours = { state: 'ours', region: 'dc1', version: 15, systemId: '7001' } as const;

describe('bare hosts', () => {
  it('may become a region', () => {
    expect(findings({})).toEqual([]);
  });

  it.each<[string, Partial<HostFacts>, string[]]>([
    ['a cluster of another name', { corosync: { name: 'other', nodes: [], ...alone } }, ['db2 FOREIGN_CLUSTER']],
    [
      'a cluster called debian that is somebody’s',
      { corosync: { name: 'debian', nodes: [{ name: 'a', address: '10.0.0.1' }], ...alone } },
      ['db2 FOREIGN_CLUSTER'],
    ],
    [
      'our cluster with other nodes',
      { corosync: { name: 'dc1', nodes: [{ name: 'db1', address: '10.77.0.11' }], ...alone } },
      ['db2 FOREIGN_CLUSTER'],
    ],
    ['somebody’s data', { data: { state: 'foreign' } }, ['db2 FOREIGN_DATA']],
    [
      'somebody’s data beside a file that brings the first node’s along',
      { data: { state: 'foreign', version: 15, was: 'shut down' } },
      ['db2 FOREIGN_DATA'],
    ],
    ['a mount point', { data: { state: 'mount' } }, ['db2 DATA_IS_MOUNT']],
    ['data of another region', { data: { ...ours, region: 'dc2' } }, ['db1 DATA_MISSING', 'db2 DATA_OF_OTHER']],
    ['data that the first node has not', { data: ours }, ['db1 DATA_MISSING']],
    ['a name that means another host', { names: { db1: ['10.9.9.9'] } }, ['db2 NAME_ELSEWHERE']],
    ['its own name as 127.0.1.1', { names: { db2: ['127.0.1.1'] } }, ['db2 NAME_IS_LOOPBACK']],
    ['another address than the file says', { addresses: ['127.0.0.1', '10.9.9.9'] }, ['db2 ADDRESS_ELSEWHERE']],
  ])('with %s', (_, changes, expected) => {
    expect(findings(changes)).toEqual(expected);
  });

  it.each<[string, Partial<Probe>, string[]]>([
    ['a virtual IP that answers', { vipsUsed: ['10.77.0.100'] }, ['db2 VIP_USED']],
    ['a virtual IP in no network of its own', { vipsOnLink: [] }, ['db2 VIP_OFF_LINK']],
    [
      'a unit that starts PostgreSQL on the data',
      { starters: [{ what: 'pg-old.service', command: 'pg_ctl start', data: '/var/lib/postgresql/15/main/' }] },
      ['db2 STARTED_ELSEWHERE'],
    ],
    [
      'a unit that starts PostgreSQL on other data',
      { starters: [{ what: 'pg-old.service', command: 'pg_ctl start', data: '/srv/other' }] },
      [],
    ],
    ['a full disk', { room: { ...room, free: 2 ** 20 } }, ['db2 SPACE_SHORT']],
    ['a read-only disk', { room: { ...room, readOnly: true } }, ['db2 DATA_READ_ONLY']],
    ['data in memory', { room: { ...room, kind: 'tmpfs' } }, ['db2 DATA_IN_MEMORY']],
    ['data in the network', { room: { ...room, kind: 'nfs4' } }, ['db2 DATA_ON_NETWORK']],
    ['a port that is taken', { portUsed: true }, ['db2 PORT_USED']],
    ['a fence device that does not answer', { fencing: { fencing: { failed: 'login' } } }, ['db2 FENCING_FAILED']],
    [
      'a fence device without a machine',
      { fencing: { fencing: { machines: ['dc1-db1-vm'] } } },
      ['db2 FENCING_UNKNOWN'],
    ],
  ])('with %s', (_, probe, expected) => {
    expect(findings({}, probe)).toEqual(expected);
  });

  it.each([
    ['whose resource has our name', 'postgresql', 'ocf:heartbeat:pgsql'],
    ['whose resource has a name of its own', 'pgsql-ha', 'ocf:heartbeat:pgsql'],
    ['with our agent', 'pg', 'ocf:custom:cfpgsql'],
  ])('of a cluster built by hand, %s, are told as that, and nothing else of it', (_, resource, agent) => {
    const begin = new PretendHosts(context).facts;
    const corosync = { name: 'dc1', nodes: spec.nodes.map(({ name, address }) => ({ name, address })), ...alone, twoNode: true };
    const resources = { [resource]: { agent, attributes: {}, meta: {}, operations: [] } };
    const cluster = { configuration: { resources, constraints: [] } } as unknown as HostFacts['cluster'];
    const hosts = Object.fromEntries(
      Object.entries(begin.hosts).map(([name, host]) => [name, { ...host, corosync, cluster, data: { state: 'foreign' as const } }]),
    );
    const probes = { db1: { ...free, vipsUsed: ['10.77.0.100'] }, db2: free };
    expect(regionFindings(context, { facts: { hosts }, probes, ports: {} })).toEqual([
      { code: 'BUILT_BY_HAND', region: 'dc1', resource, agent, data: '/var/lib/postgresql/15/main' },
    ]);
  }); // prettier-ignore

  it('with closed ports have each of them told with who was asked', () => {
    const port = { kind: 'udp', port: 5405, of: 'Corosync' } as const;
    const db2 = (['open', 'refused', 'silent', 'taken'] as const).map((state) => ({ to: 'db1', port, state }));
    expect(findings({}, {}, { ports: { db2 } })).toEqual(['db2 PORT_CLOSED', 'db2 PORT_CLOSED']);
    expect(findings({}, {}, { ports: { db2: { untried: 'no Python' } } })).toEqual(['db2 PORTS_UNTRIED']);
  });

  it.each<[string, Partial<Extract<HostFacts['data'], { state: 'foreign' }>>, string[]]>([
    ['as they should be', { version: 15, was: 'shut down' }, []],
    ['of another version', { version: 14, was: 'shut down' }, ['SOURCE_UNUSABLE']],
    ['of a server that runs', { version: 15, was: 'running' }, ['SOURCE_UNUSABLE']],
    ['of a server that crashed', { version: 15, was: 'in production' }, ['SOURCE_UNUSABLE']],
    ['that are no data directory', { version: 0, was: '' }, ['SOURCE_UNUSABLE']],
  ])('may bring data along in place that are %s', (_, data, expected) => {
    const bring = aContext(aSpec({ postgres: { ...spec.postgres, source: { in_place: true } } }));
    const { hosts } = new PretendHosts(bring).facts;
    const facts = {
      hosts: { ...hosts, db1: { ...on({ hosts }, 'db1'), data: { state: 'foreign' as const, ...data } } },
    };
    expect(regionFindings(bring, { facts, probes: {}, ports: {} }).map(({ code }) => code)).toEqual(expected);
  });

  it('are told what is wrong with a tar or a server to be copied, once', () => {
    const bring = aContext(aSpec({ postgres: { ...spec.postgres, source: { tar: '/root/pg.tar' } } }));
    const probe = { ...free, source: 'it is of PostgreSQL 9.2' };
    const evidence = { facts: new PretendHosts(bring).facts, probes: { db1: probe, db2: probe }, ports: {} };
    expect(regionFindings(bring, evidence)).toMatchObject([
      { code: 'SOURCE_UNUSABLE', host: 'db1', what: '/root/pg.tar' },
    ]);
  });

  it('must have the room that the file says', () => {
    const roomy = aContext(aSpec({ postgres: { ...spec.postgres, space: '2TB' } }));
    const evidence = { facts: new PretendHosts(context).facts, probes: { db1: free }, ports: {} };
    expect(regionFindings(roomy, evidence)).toMatchObject([{ code: 'SPACE_SHORT', free: '1 TB', wanted: '2 TB' }]);
  });

  it('have all findings told together', () => {
    expect(
      findings(
        { data: { state: 'foreign' }, corosync: { name: 'other', nodes: [], ...alone } },
        { vipsUsed: ['10.77.0.100'], portUsed: true },
      ),
    ).toEqual(['db2 FOREIGN_CLUSTER', 'db2 FOREIGN_DATA', 'db2 VIP_USED', 'db2 PORT_USED']);
  });
});

describe('a region', () => {
  async function made() {
    const hosts = new PretendHosts(context);
    await reach(goalsOf(context), hosts.facts, hosts);
    return hosts.facts;
  }

  it('may be looked after again', async () => {
    expect(findings({}, {}, { begin: await made() })).toEqual([]);
  });

  it('is not begun anew if a node has left it or lost its data', async () => {
    expect(findings({ corosync: undefined, data: { state: 'absent' } }, {}, { begin: await made() })).toEqual([
      'db2 CLUSTER_INCOMPLETE',
      'db2 DATA_MISSING',
    ]);
  });

  it('of another name is a foreign cluster, even if its resources are called like ours', async () => {
    const reports = regionFindings(aContext(aSpec({ region: 'dc9' })), { facts: await made(), probes: {}, ports: {} });
    expect(reports.map((report) => report.code)).toEqual([
      'FOREIGN_CLUSTER',
      'DATA_OF_OTHER',
      'FOREIGN_CLUSTER',
      'DATA_OF_OTHER',
    ]);
  });

  it('of another database system on the second node is refused', async () => {
    expect(findings({ data: { ...ours, systemId: '7002' } }, {}, { begin: await made() })).toEqual([
      'db2 DATA_OF_OTHER',
    ]);
  });

  it('with another agent is not changed', async () => {
    const facts = structuredClone(await made()) as {
      hosts: Record<string, { cluster: { configuration: { resources: Record<string, { agent: string }> } } }>;
    };
    for (const { cluster } of Object.values(facts.hosts)) {
      const { postgresql } = cluster.configuration.resources;
      if (postgresql !== undefined) postgresql.agent = 'ocf:heartbeat:pgsql';
    }
    const reports = regionFindings(context, { facts: facts as unknown as Facts, probes: {}, ports: {} });
    expect(reports).toMatchObject([{ code: 'AGENT_DIFFERS', found: 'ocf:heartbeat:pgsql' }]);
  });
});
