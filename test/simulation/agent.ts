// The agent on a node: its real course of turns, one after the other, each taking its time; it may be killed after any.
import type { Call, Notification } from '../../agent/call.ts';
import type { Action } from '../../agent/decide.ts';
import { withMembership } from '../../agent/members.ts';
import { isBlindProbe, waitsForMembers, wantsConfirmation } from '../../agent/rules/alone.ts';
import { needs } from '../../agent/needs.ts';
import { course, type End, type Reply, type Turn } from '../../agent/run.ts';
import type { Snapshot } from '../../agent/snapshot.ts';
import { describe, type Step } from '../../agent/steps.ts';
import type { Exit } from '../../meta/exits.ts';
import type { Cluster } from '../../lib/pacemaker/cib.ts';
import { powerOff } from './power.ts';
import { shown } from './rules.ts';
import { carryOut, type Carried } from './steps.ts';
import { askMembers, clusterOf, localOf, sessionOf, withOwnWal } from './snapshots.ts';
import { onNode, span, tell, type Node, type World } from './world.ts';

export type Order = {
  readonly action: Action;
  readonly probe?: boolean;
  readonly notification?: Notification;
  readonly alone?: boolean;
};

export type Outcome = { readonly exit: Exit; readonly code?: string };

/** One running agent. */
export type Running = {
  readonly world: World;
  readonly node: Node;
  readonly call: Call;
  readonly action: Action;
  readonly course: Generator<Turn, End, Reply>;
  readonly begun: number;
  readonly done: (outcome: Outcome) => void;
  /** The cluster is read once a call; what the call writes is entered here. */
  cluster: Cluster | undefined;
  /** Who is a member has to be asked again. */
  again: boolean;
  over: boolean;
};

const timeoutMs = 60_000;
const marginMs = 3000;

export function perform(world: World, node: Node, work: { order: Order; done: (outcome: Outcome) => void }): void {
  const { order, done } = work;
  const call: Call = {
    ...node.call,
    probe: order.probe === true,
    notification: order.notification,
    alone: order.alone === true,
  };
  const running: Running = {
    ...{ world, node, call, action: order.action, done },
    course: course(order.action, call),
    begun: world.now,
    cluster: undefined,
    again: false,
    over: false,
  };
  after(running, span(world, 10, 60), () => advance(running, undefined));
}

function after(running: Running, ms: number, run: () => void): void {
  onNode(running.world, running.node, { ms, run });
}

/** Pacemaker kills what takes too long; a fault of the schedule does so at any turn. */
function isKilled(running: Running): boolean {
  const { world, node } = running;
  if (world.now - running.begun > timeoutMs) return true;
  if (node.killAgentAfter === 0 || --node.killAgentAfter > 0) return false;
  tell(world, node.name, node.powerToo ? 'loses its power at this step' : `its agent is killed in ${running.action}`);
  if (node.powerToo) powerOff(world, node);
  return true;
}

function end(running: Running, outcome: Outcome): void {
  if (running.over) return;
  running.over = true;
  if (running.node.power) running.done(outcome);
}

function advance(running: Running, reply: Reply): void {
  let given = reply;
  running.world.counts.turns++;
  for (;;) {
    const next = running.course.next(given);
    if (next.done === true) return end(running, outcomeOf(running, next.value));
    const turn = next.value;
    if (turn.turn !== 'tell' && isKilled(running)) return end(running, { exit: 'generic', code: 'KILLED' });
    if (turn.turn === 'look') return look(running);
    if (turn.turn === 'act') return act(running, turn.step);
    given = undefined;
  }
}

function outcomeOf({ world, node, action }: Running, { exit, because }: End): Outcome {
  if (because !== undefined && exit !== 'success' && exit !== 'promoted')
    tell(world, node.name, `${action} ends with ${exit}: ${because.code}`);
  return because === undefined ? { exit } : { exit, code: because.code };
}

function look(running: Running): void {
  const { world, node, action, call } = running;
  const wanted = needs(action, call);
  if (wanted.cluster) running.cluster = clusterNow(running);
  after(running, span(world, 5, 50), () => {
    const remainingMs = Math.max(0, timeoutMs - marginMs - (world.now - running.begun));
    const local = localOf(world, node, remainingMs);
    const session = wanted.session ? sessionOf(world, node) : undefined;
    const known = shown({ ...local, session, cluster: running.cluster }, world.variant, node.name);
    const found = withOwnWal(known, { world, node, call, action });
    if (!wantsConfirmation(action, found, call)) return seen(running, found);
    after(running, span(world, 20, 150), () => seen(running, confirmed(running, found)));
  });
}

function seen(running: Running, found: Snapshot): void {
  running.again = waitsForMembers(running.action, { snapshot: found, call: running.call });
  advance(running, found);
}

function clusterNow({ world, node, call, cluster, again }: Running): Cluster {
  if (cluster === undefined || isBlindProbe(cluster, call)) return clusterOf(world, node);
  return again ? withMembership(cluster, clusterOf(world, node)) : cluster;
}

function confirmed({ world, node }: Running, found: Snapshot): Snapshot {
  return { ...found, peerRecords: askMembers(world, node) };
}

function act(running: Running, step: Step): void {
  const { world, node } = running;
  const carried: Carried = {
    world,
    node,
    enter: (cluster) => {
      running.cluster = cluster(running.cluster);
    },
    done: (failed) => {
      after(running, 0, () => advance(running, failed));
    },
  };
  if (step.do === 'wait') return after(running, step.ms, () => advance(running, undefined));
  after(running, span(world, 2, 60), () => {
    if (world.story !== undefined) tell(world, node.name, `${running.action}: ${describe(step)}`);
    carryOut(step, carried);
  });
}
