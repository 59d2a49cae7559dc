// Servers as machines: power, freezing, and the cluster's software on them.
import { reformSoon } from './membership.ts';
import { interrupted } from './replication.ts';
import { losePower, start } from './server.ts';
import { fromDisk, write } from './store.ts';
import { aLrm, later, onNode, span, tell, type Node, type World } from './world.ts';

export function powerOff(world: World, node: Node): void {
  if (!node.power) return;
  tell(world, node.name, 'loses its power');
  node.power = false;
  node.boot++;
  node.frozen = false;
  node.held = [];
  losePower(world, node);
  leaveStack(node);
  interrupted(world);
  reformSoon(world);
}

function leaveStack(node: Node): void {
  Object.assign(node.lrm, aLrm(), { watch: node.lrm.watch + 1 });
  node.stack = node.transition = node.evaluating = node.leaving = node.vip = false;
  node.killAgentAfter = node.members = node.fencing = 0;
  node.inbox = [];
}

export function powerOn(world: World, node: Node, ms: number): void {
  const { boot } = node;
  later(world, ms, () => {
    if (node.power || node.boot !== boot) return;
    node.power = true;
    node.boot++;
    tell(world, node.name, 'has power again');
    if (node.startsServer) startByUnit(world, node);
    startStack(world, node);
  });
}

/** Enabled at boot, and not the cluster's. */
function startByUnit(world: World, node: Node): void {
  node.startsServer = false;
  tell(world, node.name, 'a unit starts its server');
  start(world, node, () => undefined);
}

export function startStack(world: World, node: Node): void {
  onNode(world, node, {
    ms: span(world, 500, 5000),
    run: () => {
      if (node.stack) return;
      node.stack = true;
      node.copy = fromDisk(node.copy);
      node.waitsForAll = world.nodes.length === 2;
      reformSoon(world, span(world, 100, 800));
    },
  });
}

/** After everything on it was stopped: the others know that it left. */
export function endStack(world: World, node: Node): void {
  if (node.copy.nodes[node.name]?.expected === 'down') return;
  write(world, node, { node: node.name, state: { expected: 'down' } });
  onNode(world, node, {
    ms: 20,
    run: () => {
      tell(world, node.name, 'has left the cluster');
      leaveStack(node);
      reformSoon(world, 50);
    },
  });
}

export function freeze(world: World, node: Node): void {
  if (!node.power || node.frozen) return;
  tell(world, node.name, 'freezes');
  node.frozen = true;
  interrupted(world);
  reformSoon(world);
}

export function thaw(world: World, node: Node): void {
  if (!node.frozen) return;
  tell(world, node.name, 'thaws');
  node.frozen = false;
  for (const run of node.held.splice(0)) later(world, 0, run);
  reformSoon(world);
}
