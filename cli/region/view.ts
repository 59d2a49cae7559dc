// A region as an administrator's verb sees it: one CIB, read for one PostgreSQL resource. Pure.
import { UnreadableAnswer, type Result } from '../../lib/host/exec.ts';
import { readCluster, type ClusterNode, type Values } from '../../lib/pacemaker/cib.ts';
import { scanXml } from '../../lib/pacemaker/scan.ts';
import { children, nvpairs, type Element } from '../../lib/pacemaker/element.ts';
import { isTrue, readRole, readScore } from '../../lib/pacemaker/values.ts';
import { attributes, type AttributeKey } from '../../meta/attributes.ts';
import { deep, failuresIn, hasFailed, lastFailure, lastReason, runs, underWay } from './operations.ts';
import { clientsAddress, type Address } from './clients-address.ts';

export type NodeView = {
  readonly name: string;
  readonly online: boolean;
  /** In Pacemaker's standby: it runs no resources. */
  readonly standby: boolean;
  readonly role: 'Promoted' | 'Unpromoted' | undefined;
  readonly attributes: Values;
  /** How often an operation of the resource failed there; INFINITY is Infinity. */
  readonly failures: number;
  /** What the agent said when an operation failed there last. */
  readonly reason: string | undefined;
  /** True if the last operation that has ended there failed. */
  readonly failing: boolean;
  /** When an operation failed there last, in seconds since the epoch; undefined: none has, or it is forgotten. */
  readonly failedAt: number | undefined;
  /** The operation that Pacemaker waits for there: start, promote, demote or stop. */
  readonly underWay: string | undefined;
};

/** What speaks against something, and what to do about it. */
export type Objection = { readonly says: string; readonly todo: string };

export type Constraint = {
  readonly id: string;
  readonly node: string | undefined;
  /** True if it forbids to run there at all, not only to be promoted. */
  readonly bans: boolean;
};

export type View = {
  readonly resource: string;
  /** The clone around it; the resource itself if there is none. */
  readonly clone: string;
  readonly parameters: Values;
  /** Meta attributes that are in force for it: its own, those of the clone, the defaults. */
  readonly meta: Values;
  readonly nodes: readonly NodeView[];
  readonly quorate: boolean;
  readonly maintenance: boolean;
  readonly stonith: boolean;
  readonly devices: readonly { readonly id: string; readonly failed: boolean }[];
  /** The clients'. */
  readonly vip: (Address & { readonly on: string | undefined }) | undefined;
  /** Constraints that keep the resource, or its promotion, away from a node or on it. */
  readonly bans: readonly Constraint[];
};

/** Reads `cibadmin --query`. Throws `UnreadableAnswer` if it is no whole CIB, or has no such resource. */
export function readView(result: Result, wanted: string | undefined): View {
  const cib = result.code === 0 ? scanXml(result.stdout) : undefined;
  const names = postgresOf(cib);
  const resource = wanted ?? (names.length === 1 ? names[0] : undefined);
  const cluster = readCluster(result, resource ?? '');
  if (resource === undefined || !names.includes(resource)) throw new UnreadableAnswer(noResource(wanted, names));
  const configuration = child(cib, 'configuration');
  const properties = nvpairs(children(child(configuration, 'crm_config'), 'cluster_property_set'));
  const resources = child(configuration, 'resources');
  const constraints = child(configuration, 'constraints');
  const clone = idOf(cloneAround(resources, resource), resource);
  const found: Found = {
    primitives: deep(resources, 'primitive'),
    states: children(child(cib, 'status'), 'node_state'),
  };
  const own = found.primitives.find((primitive) => primitive.attributes['id'] === resource);
  const parameters = nvpairs(children(own, 'instance_attributes'));
  return {
    ...{ resource, clone, parameters },
    meta: {
      ...nvpairs(children(child(configuration, 'rsc_defaults'), 'meta_attributes')),
      ...nvpairs(children(cloneAround(resources, resource), 'meta_attributes')),
      ...nvpairs(children(own, 'meta_attributes')),
    },
    nodes: Object.values(cluster.nodes).map((node) => nodeView(node, found.states, resource)),
    quorate: cluster.quorate,
    maintenance: isTrue(properties['maintenance-mode']),
    stonith: cluster.fencing,
    devices: devicesOf(found),
    vip: placed(
      clientsAddress({ resources, constraints, database: [resource, clone], masterIp: parameters['master_ip'] ?? '' }),
      found.states,
    ),
    bans: bansOf(constraints, clone),
  };
}

type Found = { readonly primitives: readonly Element[]; readonly states: readonly Element[] };

function noResource(wanted: string | undefined, names: readonly string[]): string {
  const what = wanted === undefined ? 'name the PostgreSQL resource' : `"${wanted}" is no PostgreSQL resource`;
  return `${what} (the cluster has: ${names.join(', ') || 'none'})`;
}

function idOf(element: Element | undefined, otherwise = ''): string {
  return element?.attributes['id'] ?? otherwise;
}

function cloneAround(resources: Element | undefined, resource: string): Element | undefined {
  const holds = (clone: Element) => children(clone, 'primitive').some((primitive) => idOf(primitive) === resource);
  return children(resources, 'clone').find(holds);
}

function nodeView(node: ClusterNode, states: readonly Element[], resource: string): NodeView {
  const { name, online, role, attributes: of } = node;
  const state = states.find((one) => one.attributes['uname'] === name);
  const all = { ...of.forever, ...of.reboot };
  return {
    ...{ name, online, role, attributes: all },
    standby: isTrue(all['standby']),
    failures: failuresIn(of.reboot, resource),
    reason: lastReason(state, resource),
    failing: hasFailed(state, resource, ['0', '7', '8']),
    failedAt: lastFailure(of.reboot, resource),
    underWay: underWay(state, resource),
  };
}

function devicesOf({ primitives, states }: Found): View['devices'] {
  const ids = primitives.filter((primitive) => primitive.attributes['class'] === 'stonith').map((one) => idOf(one));
  return ids.map((id) => ({ id, failed: states.some((state) => hasFailed(state, id)) }));
}

/** The value of an attribute of ours on a node. */
export function valueOf(view: View, node: NodeView | undefined, key: AttributeKey): string | undefined {
  return node?.attributes[attributes[key].name(view.resource)];
}

/** Its name; empty if there is none. */
export function nameOf(node: NodeView | undefined): string {
  return node?.name ?? '';
}

/** The promoted instance; of several, which Pacemaker is about to end, the one that says so itself. */
export function primaryOf(view: View): NodeView | undefined {
  const promoted = view.nodes.filter((node) => node.role === 'Promoted');
  return promoted.find((node) => valueOf(view, node, 'status') === 'PRI') ?? promoted[0];
}

/** True if it is promoted, no other is, and its agent has found its server to be a primary. */
export function isPrimary(view: View, node: NodeView | undefined): boolean {
  const promoted = view.nodes.filter(({ role }) => role === 'Promoted');
  const alone = promoted.length === 1 && promoted[0] === node && node !== undefined;
  return alone && !node.failing && valueOf(view, node, 'status') === 'PRI';
}

export function nodeNamed(view: View, name: string): NodeView | undefined {
  return view.nodes.find((node) => node.name.toLowerCase() === name.toLowerCase());
}

/** What the primary last recorded: true only if the node is there and streams from it. */
export function streams(view: View, node: NodeView | undefined): boolean {
  const seen = valueOf(view, node, 'dataStatus') ?? '';
  return node?.online === true && node.role === 'Unpromoted' && seen.startsWith('STREAMING|');
}

function child(owner: Element | undefined, name: string): Element | undefined {
  return children(owner, name)[0];
}

function postgresOf(cib: Element | undefined): readonly string[] {
  return deep(child(child(cib, 'configuration'), 'resources'), 'primitive')
    .filter((primitive) => /^(cfpgsql|pgsql)$/.test(primitive.attributes['type'] ?? ''))
    .map((primitive) => primitive.attributes['id'] ?? '');
}

function placed(vip: Address | undefined, states: readonly Element[]): View['vip'] {
  return vip && { ...vip, on: states.find((state) => runs(state, vip.id))?.attributes['uname'] };
}

function bansOf(constraints: Element | undefined, clone: string): readonly Constraint[] {
  const locations = children(constraints, 'rsc_location').filter((one) => one.attributes['rsc'] === clone);
  return locations.map((one) => {
    const named = deep(one, 'expression').find((test) => test.attributes['attribute'] === '#uname');
    const { id = '', node = named?.attributes['value'] } = one.attributes;
    return { id, node, bans: isBan(one) };
  });
}

/** A role in the rule, or in the constraint, leaves the other role alone. */
function isBan(location: Element): boolean {
  const said = [location, ...deep(location, 'rule')].map((one) => one.attributes);
  const score = said.map((one) => readScore(one['score'])).find((found) => found !== undefined);
  const role = said.map((one) => readRole(one['role'])).find((found) => found !== undefined);
  return score !== undefined && score < 0 && (role === undefined || role === 'Started');
}
