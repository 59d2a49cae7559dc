import { describe, expect, it } from '@jest/globals';
import { crossChecks } from '../../../bootstrap/cross-checks.ts';
import { openings } from '../../../bootstrap/firewall.ts';
import { wantedConfiguration } from '../../../bootstrap/pacemaker/wanted.ts';
import { goalsOf } from '../../../bootstrap/plan.ts';
import { regionFindings } from '../../../bootstrap/preflight.ts';
import { reach } from '../../../bootstrap/reach.ts';
import { accessText } from '../../../bootstrap/server-files.ts';
import { readCorosyncConf } from '../../../lib/pacemaker/corosync-conf.ts';
import { endsTheSame } from './killed-anywhere.ts';
import { aContext, aFile, aSpec, PretendHosts } from './pretend-hosts.ts';

const nodes = aFile.nodes.map((node, i) => ({ ...node, second_address: `10.88.0.1${String(i + 1)}` }));
const replication = { ...aFile.postgres.replication, vip: { address: '10.88.0.100', prefix: 24 } };
const vip = { ...aFile.vip, more: [{ address: '10.99.0.100', prefix: 24 }] };
const everything = {
  nodes,
  vip,
  postgres: { ...aFile.postgres, replication },
  quorum: { host: 'arbiter', address: '10.77.0.3', password: { file: 'quorum.password' } },
};
const spec = aSpec(everything);
const context = aContext(spec);
const run = (hosts: PretendHosts, of = context) => reach(goalsOf(of), hosts.facts, hosts);
const story = (hosts: PretendHosts) => hosts.story.join('\n');

describe('a region with two rings, several addresses and a quorum device', () => {
  it('is made, killed anywhere, to the same end; a second run executes nothing', async () => {
    const whole = new PretendHosts(context);
    expect(await run(whole)).toMatchObject({ ended: 'done' });
    expect(whole.facts.hosts['db1']?.corosync).toEqual({
      name: 'dc1',
      nodes: nodes.map(({ name, address, second_address: second }) => ({ name, address, second })),
      twoNode: false,
      waitForAll: false,
      device: { host: 'arbiter', algorithm: 'ffsplit' },
    });
    expect(await run(whole)).toMatchObject({ ended: 'done', executed: 0 });
    await endsTheSame(whole, () => new PretendHosts(context), run);
  });

  it('gets what it was made without while it runs', async () => {
    const hosts = new PretendHosts(aContext(aSpec({ ...everything, nodes: aFile.nodes, quorum: undefined })));
    await run(hosts, aContext(aSpec({ ...everything, nodes: aFile.nodes, quorum: undefined })));
    hosts.story.length = 0;
    expect(await run(hosts)).toMatchObject({ ended: 'done' });
    const added = hosts.story.filter((line) => !/pg_hba|reload/.test(line));
    expect(added).toEqual(['db1: add the second ring', 'db1: authenticate arbiter', 'db1: add it']);
  });

  it('gets another algorithm, and a daemon that somebody stopped', async () => {
    const hosts = new PretendHosts(context);
    await run(hosts);
    hosts.story.length = 0;
    hosts.host('db2').units = { ...hosts.host('db2').units, 'corosync-qdevice.service': { active: false, enabled: true } };
    await run(hosts);
    const lms = aContext(aSpec({ ...everything, quorum: { ...everything.quorum, algorithm: 'lms' } }));
    await run(hosts, lms);
    expect(story(hosts)).toBe('db2: start corosync-qdevice.service\ndb1: change it');
  }); // prettier-ignore

  it('has a resource for each address, all with the primary, and standbys that use theirs', () => {
    const { resources, constraints } = wantedConfiguration(spec, context.layout);
    expect(resources.flatMap(({ id, attributes }) => (id.startsWith('pgvip') ? [[id, attributes['ip']]] : []))).toEqual(
      [
        ['pgvip', '10.77.0.100'],
        ['pgvip-replication', '10.88.0.100'],
        ['pgvip-2', '10.99.0.100'],
      ],
    );
    expect(constraints.filter(({ rsc }) => rsc === 'pgvip-2' || rsc === 'pgvip-replication')).toHaveLength(2);
    expect(constraints).toHaveLength(9);
    expect(resources.find(({ id }) => id === 'postgresql')?.attributes).toMatchObject({ master_ip: '10.88.0.100' });
  });

  it('lets replication in from both rings', () => {
    expect(accessText(spec).match(/replicator \S+/g)).toEqual(
      ['10.77.0.11', '10.88.0.11', '10.77.0.12', '10.88.0.12', '10.77.0.100', '10.88.0.100', '10.99.0.100'].map(
        (address) => `replicator ${address}/32`,
      ),
    );
    expect(openings(spec).find(({ protocol }) => protocol === 'udp')?.from).toContain('10.88.0.12');
  });

  it('of other addresses in the second ring is refused', async () => {
    const hosts = new PretendHosts(context);
    await run(hosts);
    const moved = nodes.map((node) => ({ ...node, second_address: node.second_address.replace('88', '89') }));
    const other = aContext(aSpec({ ...everything, nodes: moved, vip: aFile.vip, postgres: aFile.postgres }));
    const found = regionFindings(other, { facts: hosts.facts, probes: {}, ports: {} }).map(({ code }) => code);
    expect(found.filter((code) => code !== 'ADDRESS_ELSEWHERE')).toEqual(['RING_DIFFERS', 'RING_DIFFERS']);
  });
});

describe('the votes of two nodes', () => {
  const found = async (votes: { twoNode: boolean; waitForAll: boolean }, of = aContext()) => {
    const hosts = new PretendHosts(of);
    await run(hosts, of);
    for (const host of of.spec.nodes.map(({ name }) => hosts.host(name)))
      host.corosync = { name: '', nodes: [], ...host.corosync, ...votes };
    const reports = regionFindings(of, { facts: hosts.facts, probes: {}, ports: {} });
    return reports.flatMap((one) => (one.code === 'QUORUM_UNSAFE' ? [`${one.host} ${one.found}`] : []));
  };

  it('are as pcs sets them up, or a running region is refused', async () => {
    expect(await found({ twoNode: true, waitForAll: true })).toEqual([]);
    const without = await found({ twoNode: true, waitForAll: false });
    expect(without.map((one) => one.split(':')[0])).toEqual(['db1 wait_for_all is off', 'db2 wait_for_all is off']);
    const off = await found({ twoNode: false, waitForAll: false });
    expect(off.map((one) => one.split(':')[0])).toEqual(['db1 two_node is off', 'db2 two_node is off']);
  });

  it('are a quorum device’s affair where there is one', async () => {
    expect(await found({ twoNode: false, waitForAll: false }, context)).toEqual([]);
  });
});

describe('addresses in the file', () => {
  const [db1, db2] = nodes;
  it.each<[string, object, string[]]>([
    ['of all kinds', everything, []],
    ['in the second ring of one node only', { nodes: [db1, aFile.nodes[1]] }, ['nodes[1].second_address']],
    ['in the second ring that are there twice', { nodes: [db1, { ...db2, second_address: '10.88.0.11' }] }, ['nodes[0].second_address', 'nodes[1].second_address']],
    ['for standbys in neither ring', { postgres: { ...aFile.postgres, replication: { ...replication, vip: { address: '10.9.0.1', prefix: 24 } } } }, ['postgres.replication.vip.address', 'postgres.replication.vip.address']],
    ['that are the same', { vip: { ...aFile.vip, more: [aFile.vip] } }, ['vip.more[0].address']],
    ['that are a node’s second', { nodes, vip: { ...aFile.vip, more: [{ address: '10.88.0.11', prefix: 24 }] } }, ['vip.more[0].address']],
  ])('%s are checked', (_, file, expected) => {
    expect(crossChecks({ ...aFile, ...file }).map(({ path }) => path)).toEqual(expected);
  }); // prettier-ignore
});

it('corosync.conf is read with two rings and a quorum device, as pcs 0.11 writes it', () => {
  const text = `totem {
    version: 2
    cluster_name: dc1
    transport: knet
}

nodelist {
    node {
        ring0_addr: 10.77.0.11
        ring1_addr: 10.88.0.11
        name: db1
        nodeid: 1
    }
}

quorum {
    provider: corosync_votequorum

    device {
        model: net
        votes: 1

        net {
            algorithm: ffsplit
            host: arbiter
        }
    }
}
`;
  expect(readCorosyncConf(text)).toEqual({
    name: 'dc1',
    nodes: [{ name: 'db1', address: '10.77.0.11', second: '10.88.0.11' }],
    twoNode: false,
    waitForAll: false,
    device: { host: 'arbiter', algorithm: 'ffsplit' },
  });
});
