// Corosync: who sees whom, and what a partition agrees on when that changes.
import { merged, settle } from './store.ts';
import { isLive, later, span, tell, type Node, type World } from './world.ts';

/** Two nodes: one is enough, once it has seen the other (two_node, wait_for_all). More: the majority. */
export function isQuorate(world: World, node: Node): boolean {
  if (world.nodes.length === 2) return !node.waitsForAll;
  return count(node.members) * 2 > world.nodes.length;
}

function count(bits: number): number {
  let left = bits;
  let ones = 0;
  for (; left > 0; left >>= 1) ones += left & 1;
  return ones;
}

export function membersOf(world: World, node: Node): readonly Node[] {
  return world.nodes.filter(({ bit }) => (node.members & bit) !== 0);
}

/** The controller of a partition. */
export function controllerOf(world: World, node: Node): Node | undefined {
  return membersOf(world, node)[0];
}

/** Somebody came, went, froze or was cut off: after the token's time-out the rings are formed anew. */
export function reformSoon(world: World, ms = span(world, 1000, 3000)): void {
  if (world.reforming) return;
  world.reforming = true;
  later(world, ms, () => {
    world.reforming = false;
    reform(world);
  });
}

function reform(world: World): void {
  let left = world.nodes.filter((node) => node.stack && isLive(node));
  while (left.length > 0) {
    const component = reached(world, left);
    left = left.filter((node) => !component.includes(node));
    const bits = component.reduce((sum, { bit }) => sum | bit, 0);
    if (component.some((node) => node.members !== bits)) enter(world, component, bits);
  }
}

/** All that the first one sees, and that see each other. */
function reached(world: World, left: readonly Node[]): readonly Node[] {
  const found: Node[] = [];
  for (const node of left) if (found.every((other) => sees(world, other, node))) found.push(node);
  return found;
}

function sees(world: World, a: Node, b: Node): boolean {
  return ((world.ring[a.index] ?? 0) & b.bit) !== 0 && ((world.ring[b.index] ?? 0) & a.bit) !== 0;
}

function enter(world: World, component: readonly Node[], bits: number): void {
  for (const node of component) settle(node, node.members & bits);
  // The one that knows most of the status: who was together with the others before.
  const keeper = component.reduce((a, b) => (count(b.members & bits) > count(a.members & bits) ? b : a));
  const copy = merged(component, keeper);
  const view = ++world.views;
  for (const node of component) {
    node.copy = copy;
    node.members = bits;
    node.view = view;
    node.transition = node.evaluating = false;
    node.fencing = 0;
    if (component.length === world.nodes.length) node.waitsForAll = false;
  }
  const names = component.map(({ name }) => name).join(' ');
  const [first] = component;
  if (first === undefined) return;
  tell(world, 'ring', `${names}${isQuorate(world, first) ? '' : ' (no quorum)'}`);
  world.hooks.evaluate(first);
}
