// What must be true between the addresses of a region: those of the nodes in one or two rings, and those that follow the primary.
import { ipv4, network } from '../../lib/host/addresses.ts';
import type { Problem } from '../../lib/yaml/read.ts';
import { listOf, mappingOf, textOf, type Loose, type NamedNode } from './loose.ts';

export function addressProblems(top: Loose, nodes: readonly NamedNode[]): Problem[] {
  const vip = mappingOf(top['vip']);
  const own = mappingOf(mappingOf(mappingOf(top['postgres'])['replication'])['vip']);
  const more = listOf(vip['more']).map((one, i) => [`vip.more[${String(i)}]`, mappingOf(one)] as const);
  const second = nodes.filter((node) => node.second !== undefined).map((node) => ({ ...node, address: node.second }));
  const rings = second.length === 0 ? [nodes] : [nodes, second];
  const virtuals = [['vip', vip], ['postgres.replication.vip', own], ...more] as const;
  return [
    ...ringProblems(nodes),
    ...virtualProblems('vip', vip, nodes),
    // The standbys' may be in either of the rings.
    ...least(rings.map((ring) => virtualProblems('postgres.replication.vip', own, ring))),
    ...more.flatMap(([path, one]) => virtualProblems(path, one, [])),
    ...virtuals.flatMap(([path, one], i) => takenProblems(path, one['address'], { before: virtuals.slice(0, i), nodes })),
  ];
} // prettier-ignore

const least = (all: readonly Problem[][]): Problem[] => all.toSorted((a, b) => a.length - b.length)[0] ?? [];

/** All nodes have a second address, or none; and no address is there twice. */
function ringProblems(nodes: readonly NamedNode[]): Problem[] {
  const having = nodes.filter(({ second }) => second !== undefined);
  if (having.length === 0) return [];
  const path = ({ index }: NamedNode) => `nodes[${String(index)}].second_address`;
  const all = nodes.flatMap(({ address, second }) => [address, second]);
  return [
    ...nodes
      .filter(({ second }) => second === undefined)
      .map((node) => ({ path: path(node), given: 'nothing', expected: 'an address, as the other nodes have one' })),
    ...having
      .filter(({ second }) => all.filter((other) => other === second).length > 1)
      .map((node) => ({ path: path(node), given: `"${String(node.second)}"`, expected: 'an address that is there once' })),
  ]; // prettier-ignore
}

function takenProblems(
  path: string,
  address: unknown,
  { before, nodes }: { before: readonly (readonly [string, Loose])[]; nodes: readonly NamedNode[] },
): Problem[] {
  if (typeof address !== 'string') return [];
  const first = before.find(([, one]) => one['address'] === address)?.[0];
  const node = nodes.find(({ second }) => second === address)?.name;
  const owner = first ?? node;
  return owner === undefined ? [] : [{ path: `${path}.address`, given: `"${address}"`, expected: `another address than that of ${owner}` }]; // prettier-ignore
}

function virtualProblems(path: string, vip: Loose, nodes: readonly NamedNode[]): Problem[] {
  const given = textOf(vip['address']) ?? '';
  const bits = ipv4(given);
  const prefix = vip['prefix'];
  if (bits === undefined || !isPrefix(prefix)) return [];
  const { first, last } = network(bits, prefix);
  const net = `/${String(prefix)} network`;
  const expected = bits === first || bits === last ? [`not the first or last address of its ${net}`] : [];
  const others = nodes.flatMap((node) => {
    const address = ipv4(node.address ?? '');
    const who = `${node.name ?? `nodes[${String(node.index)}]`} (${String(node.address)})`;
    if (address === undefined) return [];
    if (address === bits) return [`another address than that of ${who}`];
    return address < first || address > last ? [`an address in one ${net} with ${who}`] : [];
  });
  return [...expected, ...others].map((text) => ({ path: `${path}.address`, given: `"${given}"`, expected: text }));
}

function isPrefix(value: unknown): value is number {
  return typeof value === 'number' && value >= 8 && value <= 30;
}
