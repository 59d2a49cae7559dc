// The cluster's state, read at once: cibadmin's document holds nodes, roles and attributes together, and its form
// changes far less from version to version than crm_mon's.
// Pacemaker Explained, "Status -- Here be dragons": node_state, transient_attributes, lrm_resource, lrm_rsc_op.
import type { Lifetime } from '../../meta/attributes.ts';
import { UnreadableAnswer, type Argv, type Result } from '../host/exec.ts';
import { scanXml } from './scan.ts';
import { children, nvpairs, type Element } from './element.ts';
import { isFencingEnabled } from './values.ts';

/** Values by attribute name. */
export type Values = Readonly<Record<string, string>>;

export type ClusterNode = {
  /** As the cluster spells it; keys of `Cluster.nodes` are lower-case, as pgsql compares names. */
  readonly name: string;
  readonly online: boolean;
  /** Of Corosync's membership; an offline member is one whose Pacemaker does not run, or not answer. */
  readonly inMembership: boolean;
  /** What Pacemaker expects: `down` after a shutdown or a successful fencing, still `member` when contact was lost. */
  readonly expected: 'member' | 'down' | undefined;
  readonly attributes: Readonly<Record<Lifetime, Values>>;
  /** Of the resource asked for; undefined if it is not active there. */
  readonly role: 'Promoted' | 'Unpromoted' | undefined;
};

type Value = { readonly lifetime: Lifetime; readonly name: string; readonly value: string | undefined };

/** The node with another value, or without it. Built key by key: V8 reads an object slowly that was made by leaving one out. */
export function withValue<N extends ClusterNode>(node: N, { lifetime, name, value }: Value): N {
  const values: Record<string, string> = {};
  for (const [known, had] of Object.entries(node.attributes[lifetime])) if (known !== name) values[known] = had;
  if (value !== undefined) values[name] = value;
  const { forever, reboot } = node.attributes;
  const attributes = lifetime === 'forever' ? { forever: values, reboot } : { forever, reboot: values };
  return { ...node, attributes };
}

export type Cluster = {
  readonly nodes: Readonly<Record<string, ClusterNode>>;
  readonly quorate: boolean;
  /** False if the cluster was told not to fence (stonith-enabled, since 3.0.2 also fencing-enabled). */
  readonly fencing: boolean;
  /** True if Pacemaker works without quorum as with it (no-quorum-policy=ignore). */
  readonly ignoresQuorum?: true;
};

/** cibadmin(8): this node's copy of the whole document. */
export const queryCibArgv: Argv = ['cibadmin', '--query', '--local'];

/** The permanent attributes as another node's own copy has them: that node answers, and nobody for it. */
export function queryNodesArgv(node: string): Argv {
  return ['cibadmin', '--query', `--node=${node}`, '--scope=nodes'];
}

/** The answer to it, by lower-case node name. Throws `UnreadableAnswer`. */
export function readNodesAttributes(result: Result): Readonly<Record<string, Values>> {
  if (result.code !== 0) throw failed(result);
  const nodes = scanXml(result.stdout);
  if (nodes.name !== 'nodes') throw new UnreadableAnswer(`cibadmin printed no nodes, but ${nodes.name}`);
  return Object.fromEntries(
    children(nodes, 'node').map((node) => [node.attributes['uname']?.toLowerCase() ?? '', values(node)]),
  );
}

function failed(result: Result): UnreadableAnswer {
  const how = result.failure ?? `ended with ${String(result.code)}`;
  return new UnreadableAnswer(`cibadmin ${how}: ${lastLine(result.stderr)}`);
}

/** Reads the document for one resource. Throws `UnreadableAnswer` if it is not a whole CIB. */
export function readCluster(result: Result, resource: string): Cluster {
  if (result.code !== 0) throw failed(result);
  const cib = scanXml(result.stdout);
  const configuration = child(cib, 'configuration');
  const nodes = child(configuration, 'nodes');
  const status = child(cib, 'status');
  if (cib.name !== 'cib' || nodes === undefined || status === undefined)
    throw new UnreadableAnswer('cibadmin printed no whole CIB');
  const states = new Map(
    children(status, 'node_state').map((state) => [state.attributes['uname']?.toLowerCase(), state]),
  );
  const entries = children(nodes, 'node').map((node): [string, ClusterNode] => {
    const name = node.attributes['uname'] ?? '';
    return [name.toLowerCase(), readNode(node, states.get(name.toLowerCase()), resource)];
  });
  const options = nvpairs(children(child(configuration, 'crm_config'), 'cluster_property_set'));
  return {
    nodes: Object.fromEntries(entries),
    quorate: cib.attributes['have-quorum'] === '1',
    fencing: isFencingEnabled(options),
    ...(options['no-quorum-policy']?.toLowerCase() === 'ignore' ? { ignoresQuorum: true } : {}),
  };
}

function readNode(node: Element, state: Element | undefined, resource: string): ClusterNode {
  const online = state !== undefined && isOnline(state.attributes);
  return {
    name: node.attributes['uname'] ?? '',
    online,
    inMembership: state !== undefined && isYes(state.attributes['in_ccm'], 'true'),
    expected: expectation(state?.attributes['expected']),
    attributes: { forever: values(node), reboot: values(child(state, 'transient_attributes')) },
    role: online ? roleOf(operations(state, resource)) : undefined,
  };
}

/** Member of the membership layer, of the process group and of the controller's. Since 2.1.7 two of them are times, 0 for no. */
function isOnline(state: Values): boolean {
  return isYes(state['in_ccm'], 'true') && isYes(state['crmd'], 'online') && state['join'] === 'member';
}

function isYes(value: string | undefined, word: string): boolean {
  return value === word || (value !== undefined && /^[1-9]\d*$/.test(value));
}

function expectation(word: string | undefined): ClusterNode['expected'] {
  return word === 'member' || word === 'down' ? word : undefined;
}

function values(owner: Element | undefined): Values {
  return nvpairs(children(owner, 'instance_attributes'));
}

function operations(state: Element | undefined, resource: string): readonly Values[] {
  const list = children(child(child(state, 'lrm'), 'lrm_resources'), 'lrm_resource');
  const ours = list.filter((entry) => entry.attributes['id']?.replace(/:\d+$/, '') === resource);
  return ours.flatMap((entry) => children(entry, 'lrm_rsc_op')).map((operation) => operation.attributes);
}

/**
 * The role after these operations, in the order in which they were called. One that is under way has call -1 and has taken the
 * place of the last one that was not repeated, while the monitors from before that are still there: what it means comes last.
 */
export function roleOf(history: readonly Values[]): ClusterNode['role'] {
  const call = (operation: Values) => Number(operation['call-id'] ?? -1);
  const done = history.filter((operation) => call(operation) >= 0).sort((a, b) => call(a) - call(b));
  const role = done.reduce<ClusterNode['role']>(afterOperation, undefined);
  const pending = history.find((operation) => call(operation) < 0 && isSingle(operation));
  return pending === undefined ? role : during(pending, role, done.at(-1));
}

/** Whether an operation is not one that is repeated: Pacemaker keeps the last of these only, besides failures. */
export function isSingle({ interval }: Values): boolean {
  return (Number(interval ?? '0') || 0) === 0;
}

/** Pacemaker demotes what is promoted, promotes what is started, and starts what is stopped. */
function during({ operation }: Values, before: ClusterNode['role'], last: Values | undefined): ClusterNode['role'] {
  switch (operation) {
    case 'start':
      return undefined;
    case 'promote':
      return 'Unpromoted';
    case 'demote':
      return 'Promoted';
    case 'stop': // The demote before it is no longer there, unless it has failed.
      return last?.['operation'] === 'demote' ? before : 'Unpromoted';
    default:
      return before;
  }
}

const roleAfterMonitor: Readonly<Record<string, ClusterNode['role']>> = {
  '0': 'Unpromoted',
  '8': 'Promoted',
  '9': 'Promoted',
};

function afterOperation(before: ClusterNode['role'], operation: Values): ClusterNode['role'] {
  const code = operation['rc-code'] ?? '';
  switch (operation['operation']) {
    case 'monitor':
      return code === '7' ? undefined : (roleAfterMonitor[code] ?? before);
    case 'start':
      return code === '0' ? 'Unpromoted' : before;
    case 'promote': // Pacemaker counts an instance whose promotion failed as promoted until it is demoted.
      return 'Promoted';
    case 'demote':
      return code === '0' ? 'Unpromoted' : before;
    case 'stop':
      return code === '0' ? undefined : before;
    default:
      return before;
  }
}

function child(owner: Element | undefined, name: string): Element | undefined {
  return children(owner, name)[0];
}

function lastLine(text: string): string {
  return text.trim().split('\n').pop() ?? '';
}
