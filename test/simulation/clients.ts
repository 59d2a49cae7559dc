// Those who write through the virtual address, and those who read there.
import { commit } from './server.ts';
import { pick } from './random.ts';
import { isLive, later, span, type Node, type World } from './world.ts';

function reachable(world: World): readonly Node[] {
  return world.nodes.filter(
    (node) => node.vip && isLive(node) && node.server.up && node.server.status === 'ready' && !node.server.recovery,
  );
}

export function writeAlways(world: World): void {
  later(world, span(world, 100, 900), () => {
    const nodes = reachable(world);
    if (nodes.length > 0) commit(world, pick(world.random, nodes));
    else world.counts.failed++;
    writeAlways(world);
  });
}

export function readAlways(world: World): void {
  later(world, span(world, 500, 2000), () => {
    if (world.visible.length > 0 && reachable(world).length > 0) {
      world.seen.push(...world.visible);
      world.visible = [];
    }
    readAlways(world);
  });
}
