// The machines: what has to be the same on all of them, and what each must reach.
import type { NodeFacts } from '../facts.ts';
import { alike, held, unknown, unless, without, type Check } from '../judgement.ts';

export const alikeSource = 'Trento: versions and files identical on all nodes';

export function each(
  nodes: readonly NodeFacts[],
  of: (node: NodeFacts) => string,
): readonly (readonly [string, string])[] {
  return nodes.map((node) => [node.node, of(node)]);
}

const clockLimitMs = 1000;

function vipDevice(node: NodeFacts, vip: string): string | undefined {
  return node.addresses.find(({ address }) => address.split('/')[0] === vip)?.device.replace(/[:@].*$/, '');
}

/** The device with the address that the other nodes know it by. */
export function ownDevice(node: NodeFacts): string | undefined {
  const own = node.names[node.node] ?? [];
  return node.addresses.find(({ address }) => own.includes(address.split('/')[0] ?? ''))?.device.replace(/[:@].*$/, '');
}

export const nodeChecks: readonly Check[] = [
  {
    code: 'NODES_ANSWER',
    severity: 'critical',
    asks: 'nodes',
    says: 'every node can be asked',
    source: 'docs/verify.md',
    judge: ({ silent, nodes }) =>
      unless(Object.entries(silent).map(([node, why]) => `${node}: ${why}`), ...nodes.map(({ node }) => node)),
    remedy: 'ssh to the node; the region file’s ssh section',
  },
  {
    code: 'AGENT_ALIKE',
    severity: 'critical',
    asks: 'nodes',
    says: 'every node has the same resource agent',
    source: alikeSource,
    judge: ({ nodes }) => alike('SHA-256', each(nodes, ({ agent, versions }) => `${agent.slice(0, 16)} ${versions['cfha'] ?? ''}`.trim())),
    remedy: 'install the same cfha on all nodes; cfha bootstrap REGION puts its own there',
  },
  ...(['pacemaker', 'corosync', 'postgres'] as const).map((what): Check => ({
    code: `${what.toUpperCase()}_ALIKE`,
    severity: what === 'postgres' ? 'critical' : 'warning',
    asks: 'nodes',
    says: `every node has the same version of ${what === 'postgres' ? 'PostgreSQL' : what}`,
    source: alikeSource,
    judge: ({ nodes }) => alike('version', each(nodes, ({ versions }) => versions[what] ?? '')),
    remedy: 'update the node that is behind; a mixture is for the time of an update',
  })),
  {
    code: 'UNITS',
    severity: 'warning',
    asks: 'nodes',
    says: 'corosync, pacemaker and pcsd start at boot, and the distribution’s own unit of PostgreSQL does not',
    source: 'docs/bootstrap.md',
    judge: ({ nodes }) =>
      unless(
        nodes.flatMap(({ node, units }) =>
          Object.entries(units).flatMap(([unit, state]) => {
            const ours = !unit.startsWith('postgresql');
            const enabled = state.split(' ')[1] === 'enabled';
            return ours === enabled ? [] : [`${node}: ${unit} is ${enabled ? 'enabled' : 'not enabled'}`];
          }),
        ),
        'so they do',
      ),
    remedy: 'systemctl enable corosync pacemaker pcsd; systemctl disable postgresql',
  },
  {
    code: 'CLOCKS',
    severity: 'warning',
    asks: 'nodes',
    says: 'the nodes’ clocks differ by less than a second',
    source: 'faults 53 and 54: logs of a failover that cannot be compared',
    judge: ({ nodes }) => {
      const [first] = nodes;
      if (first === undefined || nodes.length < 2) return without('one node was asked');
      const sure = (node: NodeFacts) => clockLimitMs + node.clockErrorMs + first.clockErrorMs;
      const off = nodes.filter((node) => Math.abs(node.clockMs - first.clockMs) > sure(node));
      const apart = ({ node, clockMs }: NodeFacts) => `${node} and ${first.node} differ by ${((clockMs - first.clockMs) / 1000).toFixed(1)} s`;
      return unless(off.map(apart), ...nodes.slice(1).map(apart));
    },
    remedy: 'chronyc makestep, and chrony on every node',
  },
  {
    code: 'CLOCKS_SYNCHRONISED',
    severity: 'advice',
    asks: 'nodes',
    says: 'the clock of every node is kept by a time service',
    source: 'Trento',
    judge: ({ nodes }) => {
      const known = nodes.filter(({ synchronised }) => synchronised !== undefined);
      return known.length === 0
        ? unknown('timedatectl does not tell')
        : unless(known.filter(({ synchronised }) => synchronised === false).map(({ node }) => `${node}: not synchronised`), 'it is');
    },
    remedy: 'apt-get install chrony',
  },
  {
    code: 'NAMES',
    severity: 'critical',
    asks: 'nodes',
    says: 'a node’s name means the same address on every node',
    source: 'docs/bootstrap.md; fault 55',
    judge: ({ nodes, cib }) => {
      const bad = cib.view.nodes.flatMap(({ name }) => {
        const seen = nodes.map(({ node, names }) => [node, (names[name] ?? []).join(' ')] as const);
        const different = new Set(seen.map(([, address]) => address)).size > 1 || seen.some(([, address]) => address === '' || address.startsWith('127.'));
        return different ? seen.map(([on, address]) => `${name} on ${on}: ${address === '' ? 'unknown' : address}`) : [];
      });
      return unless(bad, 'it does');
    },
    remedy: '/etc/hosts, the same on all nodes',
  },
  {
    code: 'VIP_ONCE',
    severity: 'critical',
    asks: 'nodes',
    says: 'one node has the virtual IP, not more',
    source: 'fault 35',
    judge: ({ nodes, cib }) => {
      const address = cib.view.vip?.address;
      if (address === undefined) return without('there is no virtual IP in the cluster');
      const owners = nodes.filter((node) => vipDevice(node, address) !== undefined).map(({ node }) => node);
      if (nodes.length < cib.view.nodes.length && owners.length < 2) return unknown('not every node was asked');
      return owners.length === 1 ? held(`${owners[0] ?? ''} has ${address}`) : unless([`${address} is on: ${owners.join(', ') || 'no node'}`]);
    },
    remedy: 'ip address delete on the node that must not have it; pcs resource cleanup pgvip',
  },
  {
    code: 'VIP_DEVICE',
    severity: 'critical',
    asks: 'nodes',
    says: 'the virtual IP is on the network device that has the node’s own address',
    source: 'invariant I7: clients reach it from another subnet',
    judge: ({ nodes, cib }) => {
      const address = cib.view.vip?.address ?? '';
      const owner = nodes.find((node) => vipDevice(node, address) !== undefined);
      if (owner === undefined) return unknown('no node that was asked has it');
      const [on, own] = [vipDevice(owner, address), ownDevice(owner)];
      if (own === undefined) return unknown(`${owner.node} has no device with its own address`);
      return on === own ? held(`${owner.node}: ${own}`) : unless([`${owner.node}: ${address} is on ${on ?? ''}, its own address on ${own}`]);
    },
    remedy: 'pcs resource update pgvip nic= (without it IPaddr2 finds the device), or nic=DEVICE',
  },
  {
    code: 'LOCK',
    severity: 'critical',
    asks: 'nodes',
    says: 'no PGSQL.lock lies on a node that is not the primary',
    source: 'RA#699; docs/operations.md, "A former primary does not start"',
    judge: ({ nodes, cib }) => {
      const stray = nodes.filter(({ node, lock }) => lock && cib.view.nodes.find(({ name }) => name === node)?.role !== 'Promoted');
      return unless(stray.map(({ node }) => `${node} has ${cib.postgres.attributes['tmpdir'] ?? ''}/PGSQL.lock`), 'none does');
    },
    remedy: 'cfha unlock NODE shows what it protects; rm it if that node streams',
  },
]; // prettier-ignore
