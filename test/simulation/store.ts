// The CIB as each node has it. What is written reaches the members in one order, the writer first, the others a moment later.
import { withValue } from '../../lib/pacemaker/cib.ts';
import { attributes } from '../../meta/attributes.ts';
import {
  isLive,
  nodeAt,
  onNode,
  span,
  type Change,
  type Copy,
  type Node,
  type NodeState,
  type World,
  type Write,
} from './world.ts';

/** The copy of a cluster that has just been set up. */
export function firstCopy(names: readonly string[]): Copy {
  const nodes = names.map((name): [string, NodeState] => [name, unseen(name)]);
  return { epoch: 1, updates: 0, nodes: Object.fromEntries(nodes) };
}

function unseen(name: string): NodeState {
  const attributes = { forever: {}, reboot: {} };
  return { name, online: false, inMembership: false, expected: undefined, attributes, role: undefined };
}

function applied(copy: Copy, change: Change): Copy {
  const node = copy.nodes[change.node];
  if (node === undefined) return copy;
  if ('state' in change) return withNode(copy, { ...node, ...change.state }, 'status');
  return withNode(copy, withValue(node, change), change.lifetime === 'forever' ? 'configuration' : 'status');
}

function withNode(copy: Copy, node: NodeState, what: 'configuration' | 'status'): Copy {
  const nodes = { ...copy.nodes, [node.name]: node };
  return what === 'configuration'
    ? { epoch: copy.epoch + 1, updates: 0, nodes }
    : { epoch: copy.epoch, updates: copy.updates + 1, nodes };
}

function received(copy: Copy, { before, made, change }: Write): Copy {
  return copy === before ? made : applied(copy, change);
}

function ringed(world: World, a: Node, b: Node): boolean {
  return a === b || (((world.ring[a.index] ?? 0) & b.bit) !== 0 && isLive(a) && isLive(b));
}

function isTogether(a: Node, b: Node): boolean {
  return (a.members & b.bit) !== 0 && a.members === b.members;
}

/** Written on this node now, and on its way to the others. */
export function write(world: World, writer: Node, change: Change): void {
  if (writer.inbox.length > 0) drain(world, writer);
  const before = writer.copy;
  const made = applied(before, change);
  writer.copy = made;
  if ('name' in change && change.name === 'master-pg') world.hooks.evaluate(writer);
  for (const other of world.nodes) {
    if (other === writer || !isTogether(writer, other)) continue;
    other.inbox.push({ from: writer.index, change, before, made });
    const ms = other.attributesLate ? span(world, 200, 4000) : span(world, 0, 15);
    arrive(world, { from: writer, to: other }, ms);
  }
}

function arrive(world: World, { from, to }: { from: Node; to: Node }, ms: number): void {
  const { view } = to;
  onNode(world, to, {
    ms,
    run: () => {
      if (to.view !== view || to.inbox.length === 0) return;
      if (ringed(world, from, to)) drain(world, to);
      else arrive(world, { from, to }, 200);
    },
  });
}

/** In the order of the partition: what comes from a node that is cut off now holds up what is behind it. */
function drain(world: World, node: Node): void {
  for (;;) {
    const first = node.inbox[0];
    if (first === undefined || !ringed(world, nodeAt(world, first.from), node)) return;
    node.inbox.shift();
    node.copy = received(node.copy, first);
  }
}

/** A new partition: what its members had sent each other arrives, the rest never does. */
export function settle(node: Node, together: number): void {
  for (const write of node.inbox) if ((together & (1 << write.from)) !== 0) node.copy = received(node.copy, write);
  node.inbox.length = 0;
}

/** What the other members' own copies say of everybody's data, asked now. */
export function recordsOf(world: World, node: Node): (readonly [string, Record<string, string>])[] {
  const name = attributes.dataStatus.name('pg');
  return world.nodes
    .filter(
      (other) => other !== node && other.stack && ringed(world, node, other) && node.copy.nodes[other.name]?.online,
    )
    .map((other) => {
      const records = Object.values(other.copy.nodes).map((known) => [
        known.name,
        known.attributes.forever[name] ?? '',
      ]);
      return [other.name, Object.fromEntries(records) as Record<string, string>] as const;
    });
}

/** The newer of two copies: the configuration of the one wins wholesale. */
export function newer(a: Copy, b: Copy): Copy {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.updates >= b.updates) ? a : b;
}

/** What a merged partition agrees on: the newest configuration, and of the status what the living know. */
export function merged(members: readonly Node[], keeper: Node): Copy {
  const winner = members.map(({ copy }) => copy).reduce(newer);
  const states = Object.values(winner.nodes).map((node): [string, NodeState] => {
    const member = members.find(({ name }) => name === node.name);
    const known = (member ?? keeper).copy.nodes[node.name] ?? node;
    return [node.name, member === undefined ? away(node, known) : present(node, known)];
  });
  return { epoch: winner.epoch, updates: winner.updates + 1, nodes: Object.fromEntries(states) };
}

function away(configured: NodeState, known: NodeState): NodeState {
  const attributes = { forever: configured.attributes.forever, reboot: {} };
  return { ...known, attributes, online: false, inMembership: false, role: undefined };
}

function present(configured: NodeState, known: NodeState): NodeState {
  const attributes = { forever: configured.attributes.forever, reboot: known.attributes.reboot };
  return { ...known, attributes, online: true, inMembership: true, expected: 'member' };
}

/** A node that starts has its configuration from disk, and no status. */
export function fromDisk(copy: Copy): Copy {
  const nodes = Object.values(copy.nodes).map((node): [string, NodeState] => {
    const attributes = { forever: node.attributes.forever, reboot: {} };
    return [node.name, { ...unseen(node.name), attributes }];
  });
  return { epoch: copy.epoch, updates: 0, nodes: Object.fromEntries(nodes) };
}
