import { describe, expect, it } from '@jest/globals';
import { on, type Facts, type HostFacts } from '../../../bootstrap/facts.ts';
import { goalsOf } from '../../../bootstrap/plan.ts';
import { hostFindings, regionFindings, versionFinding } from '../../../bootstrap/preflight.ts';
import type { Probe } from '../../../bootstrap/probe.ts';
import { reach } from '../../../bootstrap/reach.ts';
import { neededPrograms } from '../../../bootstrap/survey.ts';
import { aContext, aSpec, aSurvey, PretendHosts } from './pretend-hosts.ts';

const context = aContext();
const spec = aSpec();
const complete = { ...aSurvey, programs: [...neededPrograms, 'fence_vmware_soap'] };
const free: Probe = { vipUsed: false, portUsed: false, fencing: { machines: ['dc1-db1-vm', 'dc1-db2-vm'] } };

const codes = (host: string, survey: Parameters<typeof hostFindings>[1]) =>
  hostFindings(host, survey, { spec, arch: 'x64' }).map((report) => report.code);

describe('a host', () => {
  it.each([
    ['complete', {}, []],
    ['with its full name', { name: 'db1.example.com' }, []],
    ['not as root', { root: false }, ['NOT_ROOT']],
    ['with another name', { name: 'db9' }, ['WRONG_NAME']],
    ['of another kind', { machine: 'aarch64' }, ['MACHINE_DIFFERS']],
    ['without programs', { programs: ['pcs'] }, ['PROGRAM_MISSING']],
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

/** Findings on bare hosts, db2 changed. */
function findings(
  changes: Partial<HostFacts>,
  probe: Partial<Probe> = {},
  begin: Facts = new PretendHosts(context).facts,
) {
  const hosts = { ...begin.hosts, db2: { ...on(begin, 'db2'), ...changes } };
  const probes = { db1: free, db2: { ...free, ...probe } };
  return regionFindings(context, { facts: { hosts }, probes }).map((report) =>
    'host' in report ? `${report.host} ${report.code}` : report.code,
  );
}

const ours = { state: 'ours', region: 'dc1', version: 15, systemId: '7001' } as const;

describe('bare hosts', () => {
  it('may become a region', () => {
    expect(findings({})).toEqual([]);
  });

  it.each<[string, Partial<HostFacts>, string[]]>([
    ['a cluster of another name', { corosync: { name: 'other', nodes: [] } }, ['db2 FOREIGN_CLUSTER']],
    [
      'a cluster called debian that is somebody’s',
      { corosync: { name: 'debian', nodes: [{ name: 'a', address: '10.0.0.1' }] } },
      ['db2 FOREIGN_CLUSTER'],
    ],
    [
      'our cluster with other nodes',
      { corosync: { name: 'dc1', nodes: [{ name: 'db1', address: '10.77.0.11' }] } },
      ['db2 FOREIGN_CLUSTER'],
    ],
    ['somebody’s data', { data: { state: 'foreign' } }, ['db2 FOREIGN_DATA']],
    ['a mount point', { data: { state: 'mount' } }, ['db2 DATA_IS_MOUNT']],
    ['data of another region', { data: { ...ours, region: 'dc2' } }, ['db1 DATA_MISSING', 'db2 DATA_OF_OTHER']],
    ['data that the first node has not', { data: ours }, ['db1 DATA_MISSING']],
    ['a name that means another host', { names: { db1: ['10.9.9.9'] } }, ['db2 NAME_ELSEWHERE']],
    ['its own name as 127.0.1.1', { names: { db2: ['127.0.1.1'] } }, []],
  ])('with %s', (_, changes, expected) => {
    expect(findings(changes)).toEqual(expected);
  });

  it.each<[string, Partial<Probe>, string[]]>([
    ['a virtual IP that answers', { vipUsed: true }, ['db2 VIP_USED']],
    ['a port that is taken', { portUsed: true }, ['db2 PORT_USED']],
    ['a fence device that does not answer', { fencing: { failed: 'login' } }, ['db2 FENCING_FAILED']],
    ['a fence device without a machine', { fencing: { machines: ['dc1-db1-vm'] } }, ['db2 FENCING_UNKNOWN']],
  ])('with %s', (_, probe, expected) => {
    expect(findings({}, probe)).toEqual(expected);
  });

  it('have all findings told together', () => {
    expect(
      findings(
        { data: { state: 'foreign' }, corosync: { name: 'other', nodes: [] } },
        { vipUsed: true, portUsed: true },
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
    expect(findings({}, {}, await made())).toEqual([]);
  });

  it('is not begun anew if a node has left it or lost its data', async () => {
    expect(findings({ corosync: undefined, data: { state: 'absent' } }, {}, await made())).toEqual([
      'db2 CLUSTER_INCOMPLETE',
      'db2 DATA_MISSING',
    ]);
  });

  it('of another name is a foreign cluster, even if its resources are called like ours', async () => {
    const reports = regionFindings(aContext(aSpec({ region: 'dc9' })), { facts: await made(), probes: {} });
    expect(reports.map((report) => report.code)).toEqual([
      'FOREIGN_CLUSTER',
      'DATA_OF_OTHER',
      'FOREIGN_CLUSTER',
      'DATA_OF_OTHER',
    ]);
  });

  it('of another database system on the second node is refused', async () => {
    expect(findings({ data: { ...ours, systemId: '7002' } }, {}, await made())).toEqual(['db2 DATA_OF_OTHER']);
  });

  it('whose configuration is not that of the file is not changed', async () => {
    const facts = await made();
    const other = aContext(aSpec({ vip: { address: '10.77.0.101', prefix: 24 } }));
    const reports = regionFindings(other, { facts, probes: {} });
    expect(reports).toMatchObject([
      { code: 'CONFIGURATION_DIFFERS', what: expect.stringContaining('ip is 10.77.0.100, not 10.77.0.101') as unknown },
    ]);
  });
});
