// Whether the primary still has the WAL that a standby would ask for first: our word against what the standby then does.
import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gatherEvidence } from '../../agent/evidence.ts';
import type { Rig } from '../differential/side.ts';
import { crash } from './history.ts';
import { copied, follow, isUp, must, sql, start, stop, type Instance } from './instance.ts';
import { whereOf } from './judge.ts';

type Case = Readonly<{ ends: 'within' | 'with'; removed: boolean; runs: boolean }>;

const both = [true, false] as const;
const cases: readonly Case[] = (['within', 'with'] as const).flatMap((ends) =>
  both.flatMap((removed) => both.map((runs) => ({ ends, removed, runs }))),
);

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what}: not within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const truth = async (one: Instance, text: string): Promise<boolean> =>
  (await sql<{ v: boolean }>(one, `select (${text}) as v`).catch(() => []))[0]?.v === true;

const streams = (standby: Instance) =>
  truth(standby, "select count(*) = 1 from pg_stat_wal_receiver where status = 'streaming'");

/** A primary, and a standby that has got all of its WAL. */
async function pairOf(rig: Rig, root: string, { ends }: Case): Promise<readonly [Instance, Instance]> {
  const primary = await copied(rig, 'primary', { data: rig.base, root });
  await start(primary);
  await sql(primary, "alter system set wal_keep_size = '1MB'");
  await sql(primary, 'select pg_reload_conf()');
  const data = join(root, 'base');
  await must(rig, ['pg_basebackup', '-D', data, '-h', primary.folder, '-U', 'postgres', '-c', 'fast']);
  const standby = await copied(rig, 'standby', { data, root });
  follow(standby, primary);
  await start(standby);
  await sql(primary, 'create table t as select generate_series(1, 1000)');
  if (ends === 'with') await sql(primary, 'select pg_switch_wal()');
  const [row] = await sql<{ at: string }>(primary, 'select pg_current_wal_flush_lsn() as at');
  const got = `pg_last_wal_replay_lsn() >= '${row?.at ?? ''}'::pg_lsn`;
  await until('the standby gets all', () => truth(standby, got));
  return [primary, standby];
}

/** It goes on running, and does not get the primary's WAL. */
async function cutOff(standby: Instance, elsewhere: string): Promise<void> {
  await sql(standby, `alter system set primary_conninfo = 'host=${elsewhere}'`);
  await sql(standby, 'select pg_reload_conf()');
  await until('it streams no more', async () => !(await streams(standby)));
}

async function problemsOf(rig: Rig, root: string, one: Case): Promise<string[]> {
  const [primary, standby] = await pairOf(rig, root, one);
  try {
    await (one.runs ? cutOff(standby, root) : stop(standby, 'fast'));
    await sql(primary, 'insert into t select 1');
    for (let files = one.removed ? 4 : 0; files > 0; files--) {
      await sql(primary, 'insert into t select 1');
      await sql(primary, 'select pg_switch_wal()');
    }
    await sql(primary, 'checkpoint');
    const evidence = await gatherEvidence(whereOf(standby, primary));
    const says = evidence.verdict === 'same history' ? evidence.walGone !== undefined : undefined;
    return says === one.removed ? [] : [JSON.stringify(evidence)];
  } finally {
    for (const instance of [standby, primary].filter(isUp)) await crash(instance).catch(() => undefined);
  }
}

export const goneWal: readonly { readonly name: string; readonly run: (rig: Rig) => Promise<string[]> }[] = cases.map(
  (one, n) => ({
    name: `a standby that ${one.runs ? 'runs' : 'is stopped'}, whose WAL ends ${one.ends} a file, and the next is ${one.removed ? 'gone' : 'there'}`,
    run: async (rig) => {
      const root = join(rig.root, `g${n}`);
      mkdirSync(root);
      chownSync(root, rig.owner.uid, rig.owner.gid);
      try {
        return await problemsOf(rig, root, one);
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    },
  }),
);
