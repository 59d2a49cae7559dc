// Pacemaker's local executor: one action of the instance at a time, and the recurring monitor.
import { perform, type Order, type Outcome } from './agent.ts';
import { controllerOf } from './membership.ts';
import { write } from './store.ts';
import { onNode, span, tell, type Node, type Role, type World } from './world.ts';

export function enqueue(world: World, node: Node, work: { order: Order; done: (outcome: Outcome) => void }): void {
  const { lrm } = node;
  lrm.queue.push(() => {
    lrm.busy = true;
    perform(world, node, {
      order: work.order,
      done: (outcome) => {
        lrm.busy = false;
        work.done(outcome);
        next(node);
      },
    });
  });
  next(node);
}

function next({ lrm }: Node): void {
  if (!lrm.busy) lrm.queue.shift()?.();
}

const words = { stopped: undefined, started: 'Unpromoted', promoted: 'Promoted' } as const;

/** The role after an action, as the cluster is told. */
export function take(world: World, node: Node, role: Role): void {
  const { lrm } = node;
  if (lrm.role !== role) write(world, node, { node: node.name, state: { role: words[role] } });
  lrm.role = role;
}

/** The monitors of a role; earlier ones are cancelled. */
export function watch(world: World, node: Node): void {
  const which = ++node.lrm.watch;
  const intervalMs = node.lrm.role === 'promoted' ? 3000 : 4000;
  const again = (ms: number): void => onNode(world, node, { ms, run: monitor });
  const monitor = (): void => {
    if (node.lrm.watch !== which || node.lrm.role === 'stopped') return;
    const done = (outcome: Outcome): void => {
      if (node.lrm.watch !== which) return;
      if (outcome.exit === (node.lrm.role === 'promoted' ? 'promoted' : 'success')) return again(intervalMs);
      fail(world, node, `monitor: ${outcome.exit}`);
    };
    enqueue(world, node, { order: { action: 'monitor' }, done });
  };
  again(span(world, 100, 1000));
}

export function unwatch(node: Node): void {
  node.lrm.watch++;
}

export function fail(world: World, node: Node, why: string): void {
  tell(world, node.name, `fails (${why})`);
  node.lrm.failed = true;
  const controller = controllerOf(world, node);
  if (controller !== undefined) world.hooks.evaluate(controller);
}
