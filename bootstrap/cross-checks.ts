// What must be true between keys of the region file. Works on whatever the file holds, so that one wrong key hides no other.
import { ipv4, network } from '../lib/host/addresses.ts';
import type { Problem } from '../lib/yaml/read.ts';

type Loose = Readonly<Record<string, unknown>>;

const mappingOf = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

type Named = { readonly index: number; readonly name: string | undefined; readonly address: string | undefined };

/** All problems between keys. */
export function crossChecks(file: unknown): Problem[] {
  const top = mappingOf(file);
  const nodes: Named[] = (Array.isArray(top['nodes']) ? (top['nodes'] as unknown[]) : []).map((node, index) => ({
    index,
    name: textOf(mappingOf(node)['name']),
    address: textOf(mappingOf(node)['address']),
  }));
  return [
    ...alike(nodes, 'name'),
    ...alike(nodes, 'address'),
    ...vipProblems(mappingOf(top['vip']), nodes),
    ...hostProblems(mappingOf(top['fencing'])['hosts'], nodes),
    ...sourceProblems(mappingOf(top['postgres'])['source']),
    ...roleProblems(mappingOf(top['postgres'])),
    ...archiveProblems(mappingOf(top['postgres'])),
    ...standbyProblems(mappingOf(mappingOf(top['postgres'])['replication']), nodes.length),
  ];
}

function alike(nodes: readonly Named[], key: 'name' | 'address'): Problem[] {
  return nodes.flatMap((node) => {
    const before = nodes.find((other) => other.index < node.index && other[key] === node[key]);
    if (before === undefined || node[key] === undefined) return [];
    return [
      {
        path: `nodes[${String(node.index)}].${key}`,
        given: `"${node[key]}"`,
        expected: `another ${key} than nodes[${String(before.index)}] has`,
      },
    ];
  });
}

function vipProblems(vip: Loose, nodes: readonly Named[]): Problem[] {
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
  return [...expected, ...others].map((text) => ({ path: 'vip.address', given: `"${given}"`, expected: text }));
}

function isPrefix(value: unknown): value is number {
  return typeof value === 'number' && value >= 8 && value <= 30;
}

function hostProblems(hosts: unknown, nodes: readonly Named[]): Problem[] {
  const given = mappingOf(hosts);
  const names = [...new Set(nodes.flatMap((node) => node.name ?? []))];
  const missing = names.filter((name) => given[name] === undefined);
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  const machines = Object.entries(given);
  const twice = machines.filter(([, machine], i) => machines.findIndex(([, other]) => other === machine) < i);
  return [
    ...missing.map((name) => ({
      path: `fencing.hosts.${name}`,
      given: 'nothing',
      expected: `the machine of ${name} in the fence device`,
    })),
    ...unknown.map((name) => ({
      path: `fencing.hosts.${name}`,
      given: 'a machine for it',
      expected: `one of the nodes: ${names.join(', ')}`,
    })),
    ...twice.map(([name, machine]) => ({
      path: `fencing.hosts.${name}`,
      given: String(machine),
      expected: 'another machine for each node',
    })),
  ];
}

/** A directory, or both commands; and one word about how WAL is restored. */
function archiveProblems(postgres: Loose): Problem[] {
  if (postgres['archive'] === undefined) return [];
  const archive = mappingOf(postgres['archive']);
  const given = ['directory', 'keepDays', 'archiveCommand', 'restoreCommand'].filter(
    (key) => archive[key] !== undefined,
  );
  const forms = ['directory', 'directory,keepDays', 'archiveCommand,restoreCommand'];
  const restore = mappingOf(postgres['parameters'])['restore_command'];
  return [
    ...(forms.includes(given.join()) ? [] : [
      { path: 'postgres.archive', given: given.join(' and ') || 'none of its keys', expected: 'directory, with or without keepDays; or archiveCommand and restoreCommand' },
    ]),
    ...(restore === undefined ? [] : [
      { path: 'postgres.parameters.restore_command', given: 'a command', expected: 'nothing: postgres.archive gives it' },
    ]),
  ]; // prettier-ignore
}

/** How many standbys commits wait for: only in synchronous mode, and not more than there are. */
function standbyProblems(replication: Loose, nodes: number): Problem[] {
  const given = replication['synchronous_standbys'];
  if (typeof given !== 'number') return [];
  const path = 'postgres.replication.synchronous_standbys';
  const problem = (expected: string): Problem[] => [{ path, given: String(given), expected }];
  if (replication['mode'] !== 'sync') return problem('nothing, or mode: sync beside it');
  return nodes > 0 && given >= nodes ? problem(`at most the number of standbys, ${String(nodes - 1)}`) : [];
}

function sourceProblems(source: unknown): Problem[] {
  const ways = Object.keys(mappingOf(source)).filter((way) => ['in_place', 'tar', 'clone'].includes(way));
  if (source === undefined || ways.length === 1) return [];
  const given = ways.length === 0 ? 'none of them' : ways.join(' and ');
  return [{ path: 'postgres.source', given, expected: 'one of in_place, tar and clone' }];
}

function roleProblems(postgres: Loose): Problem[] {
  const user = textOf(mappingOf(postgres['replication'])['user']);
  const owner = textOf(mappingOf(postgres['database'])['owner']);
  if (user === undefined || user !== owner) return [];
  return [
    { path: 'postgres.database.owner', given: `"${owner}"`, expected: 'another role than postgres.replication.user' },
  ];
}
