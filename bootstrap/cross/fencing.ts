// What must be true between the fence devices and the nodes.
import type { Problem } from '../../lib/yaml/read.ts';
import { listOf, mappingOf, textOf, type Loose, type NamedNode } from './loose.ts';

export function fencingProblems(fencing: Loose, nodes: readonly NamedNode[]): Problem[] {
  const names = [...new Set(nodes.flatMap(({ name }) => name ?? []))];
  if (fencing['devices'] !== undefined) return severalProblems(fencing, names);
  const needed = ['agent', 'password', 'hosts'].filter((key) => fencing[key] === undefined);
  return [
    ...(Object.keys(fencing).length === 0 ? [] : needed.map((key) => problem(key, 'nothing', 'it, or a list of devices'))),
    ...(fencing['hosts'] === undefined ? [] : hostProblems('hosts', fencing['hosts'], names)),
    ...(fencing['hosts'] === undefined ? [] : missing('hosts.', fencing['hosts'], names)),
  ];
} // prettier-ignore

const problem = (path: string, given: string, expected: string): Problem => ({
  path: `fencing.${path}`,
  given,
  expected,
});

function severalProblems(fencing: Loose, names: readonly string[]): Problem[] {
  const devices = listOf(fencing['devices']).map(mappingOf);
  const beside = ['agent', 'options', 'password', 'hosts'].filter((key) => fencing[key] !== undefined);
  const served = devices.flatMap((device) => nodesOf(device));
  return [
    ...beside.map((key) => problem(key, 'a value', 'nothing: each of the devices has its own')),
    ...devices.flatMap((device, i) => deviceProblems(device, `devices[${String(i)}]`, names)),
    ...devices.flatMap((device, i) =>
      devices.slice(0, i).some((other) => other['name'] === device['name'])
        ? [problem(`devices[${String(i)}].name`, String(device['name']), 'another name for each device')]
        : [],
    ),
    ...names
      .filter((name) => !served.includes(name))
      .map((name) => problem('devices', `none that powers ${name}`, 'a device for each node')),
  ];
}

const nodesOf = (device: Loose): readonly string[] => [
  ...Object.keys(mappingOf(device['hosts'])),
  ...listOf(device['nodes']).flatMap((name) => textOf(name) ?? []),
];

function deviceProblems(device: Loose, path: string, names: readonly string[]): Problem[] {
  const ways = ['hosts', 'nodes'].filter((key) => device[key] !== undefined);
  const strangers = listOf(device['nodes']).flatMap((one) => (names.includes(String(one)) ? [] : [String(one)]));
  return [
    ...(ways.length === 1 ? [] : [problem(path, ways.join(' and ') || 'neither hosts nor nodes', 'one of hosts and nodes')]),
    ...hostProblems(`${path}.hosts`, device['hosts'], names),
    ...strangers.map((name) => problem(`${path}.nodes`, name, `one of the nodes: ${names.join(', ')}`)),
  ];
} // prettier-ignore

function hostProblems(path: string, hosts: unknown, names: readonly string[]): Problem[] {
  const machines = Object.entries(mappingOf(hosts));
  const unknown = machines.filter(([name]) => !names.includes(name));
  const twice = machines.filter(([, machine], i) => machines.findIndex(([, other]) => other === machine) < i);
  return [
    ...unknown.map(([name]) => problem(`${path}.${name}`, 'a machine for it', `one of the nodes: ${names.join(', ')}`)),
    ...twice.map(([name, machine]) => problem(`${path}.${name}`, String(machine), 'another machine for each node')),
  ];
}

function missing(path: string, hosts: unknown, names: readonly string[]): Problem[] {
  const given = mappingOf(hosts);
  return names
    .filter((name) => given[name] === undefined)
    .map((name) => problem(`${path}${name}`, 'nothing', `the machine of ${name} in the fence device`));
}
