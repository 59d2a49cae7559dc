// The simulated world's own rules: what it would forgive, the agent's rules would be forgiven.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { aCall } from '../../simulation/call.ts';
import { commit, losePower, promote, start } from '../../simulation/server.ts';
import { follow } from '../../simulation/replication.ts';
import { isQuorate } from '../../simulation/membership.ts';
import { take } from '../../simulation/queue.ts';
import { scheduleOf } from '../../simulation/schedule.ts';
import { shrink } from '../../simulation/shrink.ts';
import { simulate } from '../../simulation/simulate.ts';
import { firstCopy, merged, recordsOf, write } from '../../simulation/store.ts';
import { aLrm, aServer, aWorld, nodeAt, type Node, type World } from '../../simulation/world.ts';

const names = ['db1', 'db2', 'db3'];

function aNode(name: string, index: number): Node {
  const off = { frozen: false, slowDisk: false, slowCheckpointer: false, waitsForAll: false, leaving: false };
  const not = { vip: false, powerToo: false, attributesLost: false, attributesLate: false, transition: false };
  const rogue = { promotionFails: false, startsServer: false };
  const numbers = { boot: 1, members: 7, view: 1, killAgentAfter: 0, clockSkew: 0, fencing: 0 };
  return {
    ...{ name, index, bit: 1 << index, call: aCall(name, {}), power: true, stack: true, evaluating: false },
    ...{
      held: [],
      inbox: [],
      lrm: aLrm(),
      server: aServer(),
      copy: firstCopy(names),
      ...off,
      ...not,
      ...numbers,
      ...rogue,
    },
    files: {
      standbySignal: true,
      lock: false,
      rogueLock: false,
      notes: [],
      repMode: undefined,
      names: undefined,
      included: false,
    },
  };
}

let world: World;
let db1: Node;
let db2: Node;

function play(ms: number): void {
  const until = world.now + ms;
  for (let event = take(world.queue); event !== undefined; event = take(world.queue)) {
    world.now = event.at;
    event.run();
    if (world.now > until) return;
  }
}

beforeEach(() => {
  const schedule = { ...scheduleOf(1), nodes: 3, faults: [] };
  world = aWorld({ schedule, variant: 'ours', told: true }, names.map(aNode));
  [db1, db2] = [nodeAt(world, 0), nodeAt(world, 1)];
});

/** db1 a primary with the virtual address, db2 its standby. */
function replicate(): void {
  for (const node of [db1, db2]) start(world, node, () => undefined);
  play(3000);
  promote(world, db1);
  db1.vip = true;
  follow(world, db2);
  play(6000);
}

describe('PostgreSQL', () => {
  it('begins a new timeline when it is promoted, and a standby takes it over', () => {
    replicate();
    expect([db1.server.timeline, db2.server.timeline]).toEqual([2, 2]);
    expect(db2.server.wal).toEqual(db1.server.wal);
  });

  it('loses with its power what was not flushed', () => {
    replicate();
    const before = db1.server.wal.length;
    commit(world, db1);
    expect(db1.server.wal).toHaveLength(before + 1);
    losePower(world, db1);
    expect(db1.server.wal).toHaveLength(before);
  });

  it('does not let a standby stream whose end lies beyond the fork', () => {
    replicate();
    losePower(world, db1);
    play(60_000);
    promote(world, db2);
    db2.vip = true;
    db1.server.wal.push(999, 998);
    db1.server.flushed = db1.server.wal.length;
    world.records[999] = { timeline: 2, position: 2, by: 0, state: 'none', visible: false };
    world.records[998] = { timeline: 2, position: 3, by: 0, state: 'none', visible: false };
    db1.files.standbySignal = true;
    start(world, db1, () => undefined);
    play(20_000);
    expect(db1.server.upstream).toBeUndefined();
    expect(world.violation).toBeUndefined();
  });

  it('acknowledges only when the named standby has the commit', () => {
    replicate();
    db1.server.names = db1.server.checked = '"db3"';
    commit(world, db1);
    play(20_000);
    expect(world.counts.acknowledged).toBe(0);
    expect(db1.server.waiting.length + world.counts.uncertain).toBe(1);
  });

  it('acknowledges without waiting while the checkpointer has not said so', () => {
    replicate();
    db1.server.names = '"db3"';
    commit(world, db1);
    play(5000);
    expect(world.counts.acknowledged).toBe(1);
  });
});

describe('the CIB', () => {
  const change = { node: 'db2', lifetime: 'forever', name: 'pg-data-status', value: 'DISCONNECT' } as const;
  const recorded = (node: Node): string | undefined => node.copy.nodes['db2']?.attributes.forever['pg-data-status'];

  it('reaches the members a moment later', () => {
    write(world, db1, change);
    expect(recorded(db2)).toBeUndefined();
    play(1000);
    expect(recorded(db2)).toBe('DISCONNECT');
  });

  it('does not reach one that is cut off at this moment, nor does that one answer', () => {
    world.ring[0] = db1.bit;
    write(world, db1, change);
    play(1000);
    expect(recorded(db2)).toBeUndefined();
    expect(recordsOf(world, db1)).toEqual([]);
  });

  it('is the newer of two copies after a merge', () => {
    world.ring[0] = db1.bit;
    write(world, db1, change);
    expect(merged([db2, db1], db2).nodes['db2']?.attributes.forever['pg-data-status']).toBe('DISCONNECT');
  });

  it('keeps nothing of a lost node’s transient attributes', () => {
    write(world, db2, { node: 'db2', lifetime: 'reboot', name: 'master-pg', value: '100' });
    expect(merged([db1], db1).nodes['db2']).toMatchObject({ online: false, attributes: { reboot: {} } });
  });
});

it('has a quorum with the majority of three', () => {
  expect(isQuorate(world, db1)).toBe(true);
  db1.members = db1.bit;
  expect(isQuorate(world, db1)).toBe(false);
});

describe('a schedule', () => {
  it('is the same for the same seed', () => expect(scheduleOf(11)).toEqual(scheduleOf(11)));

  it('is told the same way again', () => {
    const story = () => simulate(scheduleOf(11), { told: true }).story;
    expect(story()).toEqual(story());
  });

  it('that loses is made shorter, and still loses', () => {
    const found = simulate(scheduleOf(29, { mode: 'sync' }), { variant: 'pgsql-alone' });
    const shrunk = shrink(found, 'pgsql-alone');
    expect(shrunk.violation?.rule).toBe(found.violation?.rule);
    expect(shrunk.schedule.faults.length).toBeLessThanOrEqual(found.schedule.faults.length);
  });
});
