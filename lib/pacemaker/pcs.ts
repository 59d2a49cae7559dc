// pcs: the command lines cfha uses. What differs between releases is in dialect.ts, the form of a configuration in configuration.ts.
import type { Argv } from '../host/exec.ts';
import type { Pairs } from './configuration.ts';
import type { Dialect } from './dialect.ts';

/** An operation of a resource: `name` and its options. */
export type Operation = { readonly name: string } & Pairs;

type Addressed = { readonly name: string; readonly address: string; readonly second_address?: string | undefined };

const options = (pairs: Pairs): string[] => Object.entries(pairs).map(([name, value]) => `${name}=${value}`);
const addressed = (nodes: readonly Addressed[]): string[] =>
  nodes.flatMap(({ name, address }) => [name, `addr=${address}`]);
const inRings = (nodes: readonly Addressed[]): string[] =>
  nodes.flatMap(({ name, address, second_address: second }) => [
    name,
    `addr=${address}`,
    ...(second === undefined ? [] : [`addr=${second}`]),
  ]);

/** Authenticates the nodes; the password of hacluster is read from standard input. */
export const hostAuth = (nodes: readonly Addressed[]): Argv => [
  'pcs',
  'host',
  'auth',
  '-u',
  'hacluster',
  ...addressed(nodes),
];
export const clusterSetup = (name: string, nodes: readonly Addressed[]): Argv => [
  'pcs',
  'cluster',
  'setup',
  name,
  ...inRings(nodes),
  '--force',
];
/** Gives a running cluster a second ring. */
export const linkAdd = (nodes: readonly Addressed[]): Argv => [
  'pcs',
  'cluster',
  'link',
  'add',
  ...nodes.map(({ name, address }) => `${name}=${address}`),
];
export const quorumDeviceAdd = (host: string, algorithm: string): Argv => [
  'pcs',
  'quorum',
  'device',
  'add',
  'model',
  'net',
  `host=${host}`,
  `algorithm=${algorithm}`,
];
export const quorumDeviceUpdate = (host: string, algorithm: string): Argv => [
  'pcs',
  'quorum',
  'device',
  'update',
  'model',
  `host=${host}`,
  `algorithm=${algorithm}`,
];
export const clusterStart = (seconds: number): Argv => [
  'pcs',
  'cluster',
  'start',
  '--all',
  `--wait=${String(seconds)}`,
];

/** Saves the running cluster's configuration in a file. */
export const saveCib = (file: string): Argv => ['pcs', 'cluster', 'cib', file];
/** Gives the cluster what differs between two files, in one transaction. */
export const pushCib = (file: string, original: string): Argv => [
  'pcs',
  'cluster',
  'cib-push',
  file,
  `diff-against=${original}`,
];

/** Commands that work on a configuration in a file. */
export const onFile = (file: string, dialect: Dialect) => {
  const pcs = (...args: string[]): Argv => ['pcs', '-f', file, ...args];
  const { role, property } = dialect;
  const operation = ({ name, id: _, ...rest }: Operation) => [name, ...options(inRoles(rest))];
  const inRoles = (pairs: Pairs): Pairs =>
    pairs['role'] === undefined ? pairs : { ...pairs, role: role(pairs['role']) };
  const operations = (all: readonly Operation[]) => all.flatMap((one) => ['op', ...operation(one)]);
  const meta = (pairs: Pairs) => (Object.keys(pairs).length === 0 ? [] : ['meta', ...options(pairs)]);
  return {
    properties: (pairs: Pairs) =>
      pcs('property', 'set', ...Object.entries(pairs).map(([name, value]) => `${property(name)}=${value}`)),
    defaults: (pairs: Pairs) => pcs(...dialect.defaults, ...options(pairs)),
    create: (r: { id: string; agent: string; attributes: Pairs; operations: readonly Operation[]; meta: Pairs }) => {
      const [kind = '', ...agent] = r.agent.split(':');
      const created =
        kind === 'stonith' ? ['stonith', 'create', r.id, ...agent] : ['resource', 'create', r.id, r.agent];
      return pcs(...created, ...options(r.attributes), ...operations(r.operations), ...meta(r.meta));
    },
    /** New values of a resource's parameters. */
    update: (id: string, pairs: Pairs) => pcs('resource', 'update', id, ...options(pairs)),
    meta: (id: string, pairs: Pairs) => pcs('resource', 'meta', id, ...options(pairs)),
    addOperation: (id: string, one: Operation) => pcs('resource', 'op', 'add', id, ...operation(one)),
    removeOperation: (id: string) => pcs('resource', 'op', 'remove', id),
    addLevel: (index: string, node: string, devices: readonly string[]) =>
      pcs('stonith', 'level', 'add', index, node, ...devices),
    removeLevel: (index: string, node: string) => pcs('stonith', 'level', 'remove', index, ...dialect.target(node)),
    promotable: (id: string, of: string, pairs: Pairs) => pcs('resource', 'promotable', of, id, ...meta(pairs)),
    withPromoted: (rsc: string, clone: string) =>
      pcs('constraint', 'colocation', 'add', rsc, 'with', role('Promoted'), clone, 'INFINITY'),
    order: (first: readonly [string, string], then: readonly [string, string], pairs: Pairs) =>
      pcs('constraint', 'order', ...first, 'then', ...then, ...options(pairs)),
  };
};

/** pcs' commands on a configuration in a file. */
export type Editor = ReturnType<typeof onFile>;

/** Restarts a resource on one node, and waits for it. */
export const restartOn = (resource: string, node: string, seconds: number): Argv => [
  'pcs',
  'resource',
  'restart',
  resource,
  node,
  `--wait=${String(seconds)}`,
];
