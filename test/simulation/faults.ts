// The faults of a schedule, when they come and when they end.
import { evaluateSoon } from './controller.ts';
import { freeze, powerOff, powerOn, startStack, thaw } from './power.ts';
import { reformSoon } from './membership.ts';
import { interrupted, resume } from './replication.ts';
import { inWords, type Fault, type Target } from './schedule.ts';
import { crash, promoteByHand, restartAfterCrash } from './server.ts';
import { pick } from './random.ts';
import { later, nodeAt, tell, type Node, type World } from './world.ts';

function isPrimary(node: Node): boolean {
  return node.power && node.server.up && !node.server.recovery;
}

function nodeOf(world: World, target: Target): Node {
  if (typeof target === 'number') return nodeAt(world, target);
  const wanted = world.nodes.filter((node) => isPrimary(node) === (target === 'the primary'));
  return pick(world.random, wanted.length > 0 ? wanted : world.nodes);
}

export function plan(world: World): void {
  for (const fault of world.schedule.faults) {
    later(world, fault.at, () => strike(world, fault));
    world.faultsUntil = Math.max(world.faultsUntil, fault.at + durationOf(fault));
  }
}

function durationOf(fault: Fault): number {
  if (!('ms' in fault)) return 0;
  return typeof fault.ms === 'number' ? fault.ms : Math.max(...fault.ms);
}

function strike(world: World, fault: Fault): void {
  const node = 'node' in fault ? nodeOf(world, fault.node) : nodeAt(world, 0);
  tell(world, '***', `${inWords(fault)}${'node' in fault ? ` (${node.name})` : ''}`);
  switch (fault.kind) {
    case 'postmaster killed':
      return crash(world, node);
    case 'backend killed':
      return restartAfterCrash(world, node);
    case 'power lost':
      powerOff(world, node);
      return powerOn(world, node, fault.ms);
    case 'power lost, started by a unit':
      powerOff(world, node);
      node.startsServer = true;
      return powerOn(world, node, fault.ms);
    case 'promoted by hand':
      return promoteByHand(world, node);
    case 'frozen':
      freeze(world, node);
      return later(world, fault.ms, () => thaw(world, node));
    case 'cut off':
    case 'cluster network cut':
    case 'replication cut':
      return cut(world, node, fault);
    case 'full outage':
      for (const each of world.nodes) {
        powerOff(world, each);
        powerOn(world, each, fault.ms[each.index] ?? 1000);
      }
      return;
    case 'clean shutdown':
      return leave(world, node, fault.ms);
    case 'moved by a person':
      return move(world, node, fault.ms);
    default:
      return hamper(world, node, fault);
  }
}

type Hampering = Extract<
  Fault,
  {
    kind:
      | 'slow disk'
      | 'slow checkpointer'
      | 'attributes lost'
      | 'attributes late'
      | 'fencing fails'
      | 'fencing late'
      | 'agent killed'
      | 'power lost at a step'
      | 'clock jumps'
      | 'promotion fails';
  }
>;

function hamper(world: World, node: Node, fault: Hampering): void {
  switch (fault.kind) {
    case 'slow disk':
      return during(world, fault.ms, (on) => (node.slowDisk = on));
    case 'slow checkpointer':
      return during(world, fault.ms, (on) => (node.slowCheckpointer = on));
    case 'attributes lost':
      return during(world, fault.ms, (on) => (node.attributesLost = on));
    case 'attributes late':
      return during(world, fault.ms, (on) => (node.attributesLate = on));
    case 'fencing fails':
      return during(world, fault.ms, (on) => (world.fencingFails = on ? 'fails' : 'no'));
    case 'fencing late':
      return during(world, fault.ms, (on) => (world.fencingFails = on ? 'late' : 'no'));
    case 'promotion fails':
      return during(world, fault.ms, (on) => (node.promotionFails = on));
    case 'clock jumps':
      node.clockSkew += fault.by;
      return;
    default:
      node.killAgentAfter = fault.turns;
      node.powerToo = fault.kind === 'power lost at a step';
      if (node.powerToo) later(world, 30_000, () => powerOn(world, node, 0));
  }
}

function during(world: World, ms: number, set: (on: boolean) => unknown): void {
  set(true);
  later(world, ms, () => set(false));
}

type Cut = Extract<Fault, { kind: 'cut off' | 'cluster network cut' | 'replication cut' }>;

/** From the sides of the cut no packet passes, of replication in one direction only perhaps. */
function cut(world: World, node: Node, fault: Cut): void {
  const all = (1 << world.nodes.length) - 1;
  if (fault.kind === 'replication cut') one(world, node, fault.how);
  else {
    const wanted = (fault.with | node.bit) & all;
    const side = wanted === all ? node.bit : wanted;
    split(world.ring, side, all);
    if (fault.kind === 'cut off') split(world.wal, side, all);
    reformSoon(world);
  }
  interrupted(world);
  later(world, fault.ms, () => heal(world));
}

function split(links: number[], side: number, all: number): void {
  links.forEach((to, from) => {
    links[from] = to & ((side & (1 << from)) !== 0 ? side : all & ~side);
  });
}

function one({ wal, nodes }: World, node: Node, how: 'both ways' | 'in' | 'out'): void {
  if (how !== 'in') wal[node.index] = node.bit;
  if (how !== 'out')
    for (const other of nodes) if (other !== node) wal[other.index] = (wal[other.index] ?? 0) & ~node.bit;
}

/** All cables are whole again. */
export function heal(world: World): void {
  const all = (1 << world.nodes.length) - 1;
  world.ring.fill(all);
  world.wal.fill(all);
  tell(world, '***', 'the network is whole');
  resume(world);
  interrupted(world);
  reformSoon(world);
}

function leave(world: World, node: Node, ms: number): void {
  if (!node.stack) return;
  node.leaving = true;
  evaluateSoon(world, node);
  later(world, ms + 20_000, () => {
    node.leaving = false;
    if (node.power) startStack(world, node);
    else powerOn(world, node, 0);
  });
}

function move(world: World, node: Node, ms: number): void {
  node.lrm.keptOff = true;
  evaluateSoon(world, node);
  later(world, ms, () => {
    node.lrm.keptOff = false;
    evaluateSoon(world, node);
  });
}
