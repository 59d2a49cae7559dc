// Random histories of three servers: what is done to them, as a list that a seed makes, and doing it.
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { lastFile, walFiles } from './wal.ts';
import { copied, follow, isUp, must, postgres, promote, sql, start, stop, type Instance } from './instance.ts';
import { kill, family } from '../differential/call.ts';
import type { Rig } from '../differential/side.ts';

/** Mulberry32: the same seed makes the same history. */
export function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}

export type World = {
  readonly rig: Rig;
  readonly root: string;
  readonly instances: Instance[];
  readonly roll: (sides: number) => number;
  readonly story: string[];
};

type Deed = {
  readonly name: string;
  readonly weight: number;
  readonly run: (world: World) => Promise<string | undefined>;
};

const pick = <T>(roll: World['roll'], list: readonly T[]): T | undefined =>
  list[list.length === 0 ? 0 : roll(list.length)];

async function inRecovery(instance: Instance): Promise<boolean | undefined> {
  const rows = await sql<{ r: boolean }>(instance, 'select pg_is_in_recovery() as r').catch(() => undefined);
  return rows?.[0]?.r;
}

async function those(world: World, role: 'primary' | 'standby'): Promise<Instance[]> {
  const found: Instance[] = [];
  for (const one of world.instances.filter(isUp)) if ((await inRecovery(one)) === (role === 'standby')) found.push(one);
  return found;
}

/** A crash: no process gets to say anything. */
export async function crash(instance: Instance): Promise<void> {
  const pid = Number(readFileSync(join(instance.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const members = family(pid);
  members.forEach(kill);
  for (let tries = 0; tries < 300 && members.some(alive); tries++) await new Promise((done) => setTimeout(done, 10));
  rmSync(join(instance.data, 'postmaster.pid'), { force: true });
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What the disk had not got when the power went: the last bytes of WAL are zeros again. */
function tearTail(instance: Instance, bytes: number): void {
  const newest = lastFile(walFiles(instance.data));
  if (newest === undefined) return;
  const path = join(instance.data, 'pg_wal', newest);
  const text = readFileSync(path);
  const used = text.findLastIndex((byte) => byte !== 0) + 1;
  const from = Math.max(8192, used - bytes);
  const handle = openSync(path, 'r+');
  writeSync(handle, Buffer.alloc(statSync(path).size - from), 0, undefined, from);
  fsyncSync(handle);
  closeSync(handle);
}

const words = ['insert into t select generate_series(1, 20)', 'checkpoint', 'select pg_switch_wal()', 'vacuum t'];

/** Clients do not wait for a rewind to end. */
async function* writing(primary: Instance): AsyncGenerator {
  for (;;) yield await sql(primary, 'insert into t select generate_series(1, 500)').catch(() => undefined);
}

async function meanwhile<T>(others: AsyncGenerator, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  const both = (async () => {
    while (!done.signal.aborted) await others.next();
  })();
  try {
    return await work();
  } finally {
    done.abort();
    await both;
  }
}

const deeds: readonly Deed[] = [
  {
    name: 'write',
    weight: 6,
    run: async (world) => {
      const one = pick(world.roll, await those(world, 'primary'));
      if (one === undefined) return undefined;
      const rows = 1 + world.roll(3000);
      await sql(one, `insert into t select generate_series(1, ${rows})`);
      if (world.roll(3) === 0) await sql(one, words[world.roll(words.length)] ?? 'select 1');
      return `${rows} rows on ${one.name}`;
    },
  },
  {
    name: 'promote',
    weight: 3,
    run: async (world) => {
      const one = pick(world.roll, await those(world, 'standby'));
      return one !== undefined && (await promote(one)) ? one.name : undefined;
    },
  },
  {
    name: 'crash',
    weight: 2,
    run: async (world) => {
      const one = pick(world.roll, world.instances.filter(isUp));
      if (one === undefined) return undefined;
      await crash(one);
      return one.name;
    },
  },
  {
    name: 'power cut',
    weight: 1,
    run: async (world) => {
      const one = pick(world.roll, world.instances.filter(isUp));
      if (one === undefined) return undefined;
      await crash(one);
      tearTail(one, 1 + world.roll(3000));
      return one.name;
    },
  },
  {
    name: 'immediate stop',
    weight: 1,
    run: async (world) => {
      const one = pick(world.roll, world.instances.filter(isUp));
      if (one !== undefined) await stop(one, 'immediate');
      return one?.name;
    },
  },
  {
    name: 'fast stop',
    weight: 2,
    run: async (world) => {
      const one = pick(world.roll, world.instances.filter(isUp));
      if (one !== undefined) await stop(one, 'fast');
      return one?.name;
    },
  },
  {
    name: 'start as it is',
    weight: 2,
    run: async (world) => {
      const one = pick(
        world.roll,
        world.instances.filter((i) => !isUp(i)),
      );
      return one !== undefined && (await start(one)) ? one.name : undefined;
    },
  },
  {
    name: 'start as a standby',
    weight: 4,
    run: async (world) => {
      const one = pick(
        world.roll,
        world.instances.filter((i) => !isUp(i)),
      );
      const primary = pick(
        world.roll,
        (await those(world, 'primary')).filter((i) => i !== one),
      );
      if (one === undefined || primary === undefined) return undefined;
      follow(one, primary);
      return (await start(one)) ? `${one.name} of ${primary.name}` : undefined;
    },
  },
  {
    name: 'copy while it runs',
    weight: 1,
    run: async (world) => {
      const one = pick(world.roll, world.instances.filter(isUp));
      if (one === undefined || world.instances.length > 4) return undefined;
      const name = `copy${world.instances.length}`;
      world.instances.push(await copied(world.rig, name, { data: one.data, root: world.root }));
      return `${one.name} as ${name}`;
    },
  },
  {
    name: 'rewind',
    weight: 2,
    run: async (world) => {
      const one = pick(
        world.roll,
        world.instances.filter((i) => !isUp(i)),
      );
      const primary = pick(world.roll, await those(world, 'primary'));
      if (one === undefined || primary === undefined) return undefined;
      const own = readFileSync(join(one.data, 'postgresql.conf'));
      rmSync(join(one.data, 'standby.signal'), { force: true });
      const from = `--source-server=host=${primary.folder} user=postgres dbname=postgres`;
      const { code } = await meanwhile(writing(primary), () =>
        postgres(world.rig, ['pg_rewind', '-D', one.data, from, '--no-sync']),
      );
      const handle = openSync(join(one.data, 'postgresql.conf'), 'w');
      writeSync(handle, own);
      closeSync(handle);
      if (code !== 0) return undefined;
      follow(one, primary);
      const told = `${one.name} to ${primary.name}`;
      // Not started, it needs WAL that it does not have yet.
      if (world.roll(2) === 0) return `${told}, not started`;
      return (await start(one)) ? told : undefined;
    },
  },
];

/** One deed that was possible. */
async function act(world: World): Promise<void> {
  const bag = deeds.flatMap((deed) => Array.from({ length: deed.weight }, () => deed));
  for (let tries = 0; tries < 10; tries++) {
    const deed = pick(world.roll, bag);
    const done = await deed?.run(world).catch(() => undefined);
    if (done === undefined) continue;
    world.story.push(`${deed?.name ?? ''}: ${done}`);
    return;
  }
}

/** A primary with two standbys that stream, and then whatever the dice say. */
export async function play(rig: Rig, root: string, seed: number): Promise<World> {
  const world: World = { rig, root, instances: [], roll: dice(seed), story: [] };
  const a = await copied(rig, 'a', { data: rig.base, root });
  world.instances.push(a);
  await start(a);
  await sql(a, 'create table t (x int)');
  for (const name of ['b', 'c']) {
    const data = join(root, `${name}-base`);
    await must(rig, ['pg_basebackup', '-D', data, '-h', a.folder, '-U', 'postgres', '-c', 'fast']);
    const one = await copied(rig, name, { data, root });
    rmSync(data, { recursive: true, force: true });
    follow(one, a);
    await start(one);
    world.instances.push(one);
  }
  const length = 4 + world.roll(9);
  for (let n = 0; n < length; n++) await act(world);
  return world;
}
