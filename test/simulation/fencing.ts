// Fencing: a lost node is switched off, after a delay, if the device answers; then it starts again.
import { powerOff, powerOn } from './power.ts';
import { chance } from './random.ts';
import { write } from './store.ts';
import { later, onNode, span, tell, type Node, type World } from './world.ts';

/** Lost without a word: it may live. */
export function isUnclean(controller: Node, node: Node): boolean {
  return (controller.members & node.bit) === 0 && controller.copy.nodes[node.name]?.expected !== 'down';
}

export function fence(world: World, controller: Node, target: Node): void {
  if ((controller.fencing & target.bit) !== 0) return;
  controller.fencing |= target.bit;
  const { view } = controller;
  const late = world.fencingFails === 'late' ? span(world, 4000, 20_000) : 0;
  onNode(world, controller, {
    ms: delay(world, controller, target) + late,
    run: () => {
      if (controller.view === view || late > 0) order(world, controller, target);
    },
  });
}

/** priority-fencing-delay: the side of the primary wins, where it is set. */
function delay(world: World, controller: Node, target: Node): number {
  const primary = controller.copy.nodes[target.name]?.role === 'Promoted';
  return span(world, 100, 1500) + (primary && world.schedule.jitter % 3 !== 0 ? 5000 : 0);
}

/** Once ordered it comes, whatever becomes of who ordered it. */
function order(world: World, controller: Node, target: Node): void {
  tell(world, controller.name, `fences ${target.name}${world.fencingFails === 'fails' ? ', in vain' : ''}`);
  if (world.fencingFails === 'fails') {
    onNode(world, controller, { ms: span(world, 2000, 6000), run: () => give(world, controller, target) });
    return;
  }
  later(world, span(world, 100, 2000), () => {
    world.counts.fencings++;
    const stays = chance(world.random, 0.1) ? 20_000 : 0;
    powerOff(world, target);
    powerOn(world, target, span(world, 4000, 15_000) + stays);
    onNode(world, controller, { ms: span(world, 10, 500), run: () => done(world, controller, target) });
  });
}

function give(world: World, controller: Node, target: Node): void {
  controller.fencing &= ~target.bit;
  world.hooks.evaluate(controller);
}

function done(world: World, controller: Node, target: Node): void {
  if (!controller.stack) return;
  if ((controller.members & target.bit) !== 0 && target.stack) return give(world, controller, target);
  tell(world, controller.name, `knows that ${target.name} is fenced`);
  write(world, controller, { node: target.name, state: { expected: 'down' } });
  give(world, controller, target);
}
