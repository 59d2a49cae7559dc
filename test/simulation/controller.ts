// Pacemaker's controller: what is done next in a partition, one kind of operation at a time, with notifications around it.
import type { Notification } from '../../agent/call.ts';
import type { Outcome } from './agent.ts';
import { enqueue, fail, take, unwatch, watch } from './executor.ts';
import { fence, isUnclean } from './fencing.ts';
import { controllerOf, isQuorate, membersOf } from './membership.ts';
import { endStack } from './power.ts';
import { checkPromoted } from './invariants.ts';
import { onNode, span, tell, type Node, type World } from './world.ts';

type Operation = Notification['operation'];
type Work = { readonly do: Operation | 'probe' | 'vip'; readonly on: readonly Node[] };

/** Something has changed: it is thought about in a moment. */
export function evaluateSoon(world: World, node: Node): void {
  const controller = controllerOf(world, node);
  if (controller === undefined || controller.evaluating || controller.transition) return;
  controller.evaluating = true;
  onNode(world, controller, { ms: span(world, 20, 300), run: () => evaluate(world, controller) });
}

function evaluate(world: World, controller: Node): void {
  controller.evaluating = false;
  if (!controller.stack || controller.transition || controllerOf(world, controller) !== controller) return;
  if (isQuorate(world, controller)) fenceTheLost(world, controller);
  dismiss(world, controller);
  const work = nextWork(world, controller);
  if (work === undefined) return;
  controller.transition = true;
  operate(world, controller, work);
}

function fenceTheLost(world: World, controller: Node): void {
  for (const node of world.nodes) {
    if (isUnclean(controller, node) || ((controller.members & node.bit) !== 0 && node.lrm.stuck))
      fence(world, controller, node);
  }
}

/** Nodes that leave cleanly do so when nothing runs there. */
function dismiss(world: World, controller: Node): void {
  for (const node of membersOf(world, controller))
    if (node.leaving && node.stack && hasEnded(node)) {
      endStack(world, node);
    }
}

/** Nothing runs there, as far as is known: it has been probed, and nothing is under way. */
function hasEnded({ lrm }: Node): boolean {
  return lrm.probed && !lrm.stuck && lrm.role === 'stopped' && !lrm.busy;
}

function nextWork(world: World, controller: Node): Work | undefined {
  const members = membersOf(world, controller).filter((node) => node.stack && !node.lrm.stuck);
  const probe = members.filter((node) => !node.lrm.probed);
  if (probe.length > 0) return { do: 'probe', on: probe };
  const quorate = isQuorate(world, controller);
  const ending = members.filter((node) => !quorate || mayNotRun(world, node));
  return end(ending) ?? (quorate ? begin(world, controller, members) : undefined);
}

function mayNotRun(world: World, { lrm, leaving }: Node): boolean {
  return lrm.failed || lrm.keptOff || leaving || lrm.bannedUntil > world.now;
}

function end(ending: readonly Node[]): Work | undefined {
  const demote = ending.filter((node) => node.lrm.role === 'promoted');
  if (demote.length > 0) return { do: 'demote', on: demote };
  const stop = ending.filter((node) => node.lrm.role === 'started');
  return stop.length > 0 ? { do: 'stop', on: stop } : undefined;
}

export function scoreOf(copyOf: Node, node: Node): number {
  const text = copyOf.copy.nodes[node.name]?.attributes.reboot['master-pg'];
  return text === undefined || text === '-INFINITY' ? -1 : Number(text);
}

function begin(world: World, controller: Node, members: readonly Node[]): Work | undefined {
  const able = members.filter((node) => !mayNotRun(world, node));
  const address = addressWork(world, controller, able);
  if (address !== undefined) return address;
  const start = able.filter((node) => node.lrm.role === 'stopped');
  if (start.length > 0) return { do: 'start', on: start };
  return roles(world, controller, able);
}

function best(controller: Node, nodes: readonly Node[]): Node | undefined {
  const score = (node: Node): number => scoreOf(controller, node);
  const able = nodes.filter((node) => score(node) >= 0);
  return able.length === 0 ? undefined : able.reduce((a, b) => (score(b) > score(a) ? b : a));
}

function roles(world: World, controller: Node, able: readonly Node[]): Work | undefined {
  const promoted = able.filter((node) => node.lrm.role === 'promoted');
  const chosen = best(controller, [...promoted, ...able.filter((node) => node.lrm.role === 'started')]);
  const demote = promoted.filter((node) => node !== chosen);
  if (demote.length > 0) return { do: 'demote', on: demote };
  // A lost node may be a primary until it is fenced.
  if (chosen === undefined || world.nodes.some((node) => isUnclean(controller, node))) return undefined;
  return promoted.length === 0 ? { do: 'promote', on: [chosen] } : undefined;
}

/** The address waits for the promotion alone, not for what is started besides. */
function addressWork(world: World, controller: Node, able: readonly Node[]): Work | undefined {
  const promoted = able.filter((node) => node.lrm.role === 'promoted');
  const held = membersOf(world, controller).some((node) => node.vip);
  return promoted.length !== 1 || held ? undefined : { do: 'vip', on: promoted };
}

function operate(world: World, controller: Node, work: Work): void {
  const { view } = controller;
  const finish = (): void => {
    if (controller.view !== view) return;
    controller.transition = false;
    evaluateSoon(world, controller);
  };
  const current = (run: () => void) => (): void => {
    if (controller.view === view && controller.stack) run();
  };
  if (work.do === 'vip') return startVip(world, work.on, current(finish));
  if (work.do === 'probe') return each(world, controller, { on: work.on, run: probe, done: current(finish) });
  const operation = work.do;
  if (world.story !== undefined)
    tell(world, controller.name, `has ${operation} done on ${work.on.map(({ name }) => name).join(' ')}`);
  const run = (where: World, node: Node, done: () => void): void => {
    enqueue(where, node, {
      order: { action: operation, alone: isAlone(where, controller, node) },
      done: (outcome) => {
        concluded(where, node, { operation, outcome });
        done();
      },
    });
  };
  const told = { operation, on: work.on };
  const after = current(() => notify(world, controller, { type: 'post', ...told }, current(finish)));
  const before = current(() => each(world, controller, { on: work.on, run, done: after }));
  notify(world, controller, { type: 'pre', ...told }, before);
}

type Each = {
  readonly on: readonly Node[];
  readonly run: (world: World, node: Node, done: () => void) => void;
  readonly done: () => void;
};

/** On each node, and then: an order and its answer take a moment, and none comes from a node that is gone. */
function each(world: World, controller: Node, { on, run, done }: Each): void {
  let left = on.length;
  if (left === 0) return done();
  const answered = (): void => {
    left--;
    if (left === 0) onNode(world, controller, { ms: span(world, 5, 40), run: done });
  };
  for (const node of on) onNode(world, node, { ms: span(world, 5, 40), run: () => run(world, node, answered) });
}

function probe(world: World, node: Node, done: () => void): void {
  node.lrm.probed = true;
  enqueue(world, node, {
    order: { action: 'monitor', probe: true },
    done: ({ exit }) => {
      const role = exit === 'promoted' ? 'promoted' : exit === 'notRunning' ? 'stopped' : 'started';
      take(world, node, role);
      // Pacemaker recovers what a probe finds failed as it does what a monitor finds: it is stopped first.
      if (role === 'started' && exit !== 'success') fail(world, node, `probe: ${exit}`);
      else if (role !== 'stopped') watch(world, node);
      done();
    },
  });
}

/** None of the others is started: what Pacemaker says with an empty list of the unpromoted. */
function isAlone(world: World, controller: Node, node: Node): boolean {
  return membersOf(world, controller).every((other) => other === node || other.lrm.role !== 'started');
}

type Told = { readonly type: Notification['type']; readonly operation: Operation; readonly on: readonly Node[] };

// eslint-disable-next-line max-params
function notify(world: World, controller: Node, { type, operation, on }: Told, done: () => void): void {
  const members = membersOf(world, controller);
  const names = (nodes: readonly Node[]): string[] => nodes.map(({ name }) => name);
  const notification: Notification = {
    ...{ type, operation },
    promoting: operation === 'promote' ? names(on) : [],
    demoting: operation === 'demote' ? names(on) : [],
    promoted: names(members.filter((node) => node.lrm.role === 'promoted')),
  };
  const active = members.filter((node) => node.lrm.role !== 'stopped' && node.stack);
  each(world, controller, {
    on: isHeard(type, operation) ? active : [],
    run: (_, node, answered) => enqueue(world, node, { order: { action: 'notify', notification }, done: answered }),
    done,
  });
}

/** The agent does nothing at the other moments: they would only cost time. */
function isHeard(type: Notification['type'], operation: Operation): boolean {
  return type === 'post' || operation === 'promote';
}

function startVip(world: World, [node]: readonly Node[], done: () => void): void {
  if (node === undefined) return done();
  onNode(world, node, {
    ms: span(world, 50, 800),
    run: () => {
      if (node.lrm.role === 'promoted' && node.stack) {
        node.vip = true;
        tell(world, node.name, 'has the virtual address');
      }
      done();
    },
  });
}

type Concluded = { readonly operation: Operation; readonly outcome: Outcome };

function concluded(world: World, node: Node, { operation, outcome }: Concluded): void {
  const { lrm } = node;
  const good = outcome.exit === 'success';
  unwatch(node);
  if (!good) tell(world, node.name, `${operation} fails`);
  if (!good && operation !== 'stop') lrm.failed = true;
  switch (operation) {
    case 'start':
      take(world, node, 'started');
      break;
    case 'promote':
      take(world, node, 'promoted');
      if (good) checkPromoted(world, node);
      break;
    case 'demote':
      take(world, node, 'started');
      node.vip = false;
      break;
    case 'stop':
      return stopped(world, node, good);
  }
  if (good && !lrm.failed) watch(world, node);
}

/** migration-threshold=1 with failure-timeout=60s: not here for a minute after a failure. */
function stopped(world: World, node: Node, good: boolean): void {
  const { lrm } = node;
  node.vip = false;
  if (!good) {
    lrm.stuck = true;
    return;
  }
  take(world, node, 'stopped');
  if (!lrm.failed) return;
  lrm.failed = false;
  lrm.bannedUntil = world.now + 60_000;
  onNode(world, node, { ms: 60_100, run: () => evaluateSoon(world, node) });
}
