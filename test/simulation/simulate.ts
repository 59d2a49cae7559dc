// One schedule from its beginning to its end: a violation, or a region that works again.
import { aCall } from './call.ts';
import { readAlways, writeAlways } from './clients.ts';
import { evaluateSoon } from './controller.ts';
import { heal, plan } from './faults.ts';
import { rules } from './invariants.ts';
import { reformSoon } from './membership.ts';
import { lookAfter, primaryOf } from './person.ts';
import { powerOn, startStack, thaw } from './power.ts';
import { take } from './queue.ts';
import type { Variant } from './rules.ts';
import type { Mode, Schedule } from './schedule.ts';
import { firstCopy } from './store.ts';
import {
  aLrm,
  aServer,
  aWorld,
  broken,
  later,
  tell,
  type Counts,
  type Node,
  type Violation,
  type World,
} from './world.ts';

export type Result = {
  readonly schedule: Schedule;
  readonly violation: Violation | undefined;
  readonly counts: Counts;
  readonly waitsForPerson: Readonly<Record<string, number>>;
  readonly story: readonly string[];
};

/** Far more than any schedule has: a mistake of the simulator would go on for ever. */
const mostEvents = 100_000;

type Options = { readonly variant?: Variant; readonly told?: boolean };

export function simulate(schedule: Schedule, { variant = 'ours', told = false }: Options = {}): Result {
  const names = Array.from({ length: schedule.nodes }, (_, n) => `db${n + 1}`);
  const world = aWorld(
    { schedule, variant, told },
    names.map((name, index) => aNode({ name, index, names }, schedule, variant)),
  );
  world.hooks.evaluate = (node) => evaluateSoon(world, node);
  for (const node of world.nodes) startStack(world, node);
  writeAlways(world);
  readAlways(world);
  plan(world);
  lookAfter(world);
  later(world, world.faultsUntil + 3000, () => restore(world));
  while (!world.over && world.violation === undefined) step(world);
  const { violation, counts, waitsForPerson, story } = world;
  return { schedule, violation, counts, waitsForPerson, story: story ?? [] };
}

function step(world: World): void {
  const event = take(world.queue);
  if (event === undefined) throw new Error('nothing happens any more');
  world.now = event.at;
  if (++world.counts.events > mostEvents) broken(world, rules.endless, `${mostEvents} events`);
  event.run();
}

type Place = { readonly name: string; readonly index: number; readonly names: readonly string[] };

// One call for each node and mode is enough: it is never changed.
const calls = new Map<string, Node['call']>();

function callFor({ name, names }: Place, mode: Mode, variant: Variant): Node['call'] {
  const key = `${name} ${names.length} ${mode} ${variant}`;
  const known = calls.get(key);
  if (known !== undefined) return known;
  const made = aCall(name, {
    rep_mode: mode === 'async' ? 'async' : 'sync',
    node_list: names.join(' '),
    demote_to: 'standby',
    election: 'published',
    synchronous_standbys: mode === 'quorum' ? '1' : '0',
    go_alone: variant === 'pgsql-alone' || variant === 'lsn-only' ? 'unproven' : 'proven',
  });
  calls.set(key, made);
  return made;
}

function aNode(place: Place, { mode }: Schedule, variant: Variant): Node {
  const off = { frozen: false, slowDisk: false, slowCheckpointer: false, stack: false, waitsForAll: false };
  const not = { leaving: false, vip: false, powerToo: false, attributesLost: false, attributesLate: false };
  const rogue = { promotionFails: false, startsServer: false };
  return {
    ...{ name: place.name, index: place.index, bit: 1 << place.index, call: callFor(place, mode, variant) },
    ...{
      power: true,
      boot: 1,
      held: [],
      members: 0,
      view: 0,
      inbox: [],
      lrm: aLrm(),
      server: aServer(),
      ...off,
      ...not,
      ...rogue,
    },
    copy: firstCopy(place.names),
    files: {
      standbySignal: true,
      lock: false,
      rogueLock: false,
      notes: [],
      repMode: undefined,
      names: undefined,
      included: false,
    },
    ...{ killAgentAfter: 0, clockSkew: 0, transition: false, evaluating: false, fencing: 0 },
  };
}

const patienceMs = 400_000;

/** The faults stop: power, network and devices are there again. */
function restore(world: World): void {
  tell(world, '***', 'the faults have stopped');
  world.faultsUntil = world.now;
  world.fencingFails = 'no';
  heal(world);
  for (const node of world.nodes) {
    thaw(world, node);
    powerOn(world, node, 500);
    node.slowDisk = node.slowCheckpointer = node.attributesLost = node.attributesLate = node.lrm.keptOff = false;
    node.promotionFails = node.startsServer = false;
    node.killAgentAfter = 0;
  }
  reformSoon(world);
  world.noPrimarySince = world.now;
  watchOver(world, world.now + patienceMs);
}

function watchOver(world: World, until: number): void {
  later(world, 2000, () => {
    const lacks = lacking(world);
    if (lacks === undefined) {
      world.over = true;
      tell(world, '***', 'the region works again');
      return;
    }
    if (world.now > until) broken(world, rules.stuck, lacks);
    watchOver(world, until);
  });
}

/** What is missing for a region that works; undefined: nothing. */
export function lacking(world: World): string | undefined {
  const primary = primaryOf(world);
  if (primary === undefined) return 'there is no primary';
  const { server, copy } = primary;
  const streams = (node: Node): boolean =>
    node.server.upstream === primary.index &&
    server.senders.some((row) => row.node === node.index && row.run === node.server.run && row.state === 'STREAMING');
  const others = world.nodes.filter((node) => node !== primary);
  const away = others.find((node) => !streams(node));
  if (away !== undefined) return `${away.name} does not follow ${primary.name}`;
  const statuses = others.map(({ name }) => copy.nodes[name]?.attributes.forever['pg-data-status'] ?? '');
  if (statuses.some((status) => !status.startsWith('STREAMING'))) return 'a standby is not recorded as streaming';
  const current = statuses.some((status) => /SYNC|QUORUM/.test(status.replace('ASYNC', '')));
  return current || world.schedule.mode === 'async' ? undefined : 'no standby is recorded as synchronous';
}
