// What others say of two servers: pg_rewind, PostgreSQL's own recovery, and the bytes.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { gatherEvidence, localLineage } from '../../agent/evidence.ts';
import { readCall, readParameters } from '../../agent/call.ts';
import type { Where } from '../../agent/primary.ts';
import type { Evidence } from '../../agent/rules/lock.ts';
import { monotonicMs } from '../../lib/host/clock.ts';
import { spawnExec } from '../../lib/host/spawn.ts';
import { parseLsn } from '../../lib/postgres/lsn.ts';
import { must, postgres, spare, sql, type Instance } from './instance.ts';
import { firstDifference, timelinesOf } from './wal.ts';

/** The agent on the node of `local`, told that the primary is `primary`. */
export function whereOf(local: Instance, primary: Instance, more: Readonly<Record<string, string>> = {}): Where {
  const { rig } = local;
  const given: Record<string, string> = {
    pgctl: join(rig.programs, 'pg_ctl'),
    psql: join(rig.programs, 'psql'),
    pgdata: local.data,
    pgdba: 'postgres',
    tmpdir: join(local.folder, 'tmp'),
    master_ip: primary.folder,
    rep_mode: 'async',
    node_list: 'a b',
    repuser: 'postgres',
    ...more,
  };
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [`OCF_RESKEY_${name}`, value]));
  const call = { ...readCall(env, readParameters(env).parameters, 60_000), node: 'a' };
  const user = { name: 'postgres', home: '/var/lib/postgresql', ...rig.owner };
  return { call, user, exec: spawnExec(), deadline: monotonicMs() + 30_000 };
}

type Others = {
  /** Where the two parted; undefined: the same timeline. */
  readonly fork: { readonly at: bigint; readonly timeline: number } | undefined;
  /** Where recovery ended: the last record it read. */
  readonly redone: bigint | undefined;
  readonly unreadable?: string;
};

/** PostgreSQL recovers a copy, and pg_rewind says where it would begin. */
async function askOthers(local: Instance, primary: Instance): Promise<Others> {
  const copy = spare(local);
  const { rig } = local;
  await must(rig, ['pg_controldata', '-D', copy]);
  rmSync(join(copy, 'standby.signal'), { force: true });
  const single = await postgres(rig, ['postgres', '--single', '-F', '-D', copy, 'template1']);
  const redone = parseLsn(/redo done at ([0-9A-F]+\/[0-9A-F]+)/.exec(single.err)?.[1] ?? '');
  const source = `--source-server=host=${primary.folder} user=postgres dbname=postgres`;
  const said = await postgres(rig, ['pg_rewind', '--dry-run', '-D', copy, source]);
  rmSync(copy, { recursive: true, force: true });
  const [, at, timeline] = /servers diverged at WAL location (\S+) on timeline (\d+)/.exec(said.err + said.out) ?? [];
  const fork = parseLsn(at ?? '');
  const sameLine = /same timeline|no rewind required/.test(said.err + said.out);
  if (fork === undefined && !sameLine) return { fork: undefined, redone, unreadable: said.err.trim() };
  return { fork: fork === undefined ? undefined : { at: fork, timeline: Number(timeline) }, redone };
}

export type Judged = {
  readonly problems: readonly string[];
  readonly evidence: Evidence;
  readonly compared: readonly string[];
};

/** Our verdict on a stopped server, and everything in which others contradict it. */
export async function judge(local: Instance, primary: Instance): Promise<Judged> {
  // pg_rewind 15 goes by the control file, which has the new timeline after the checkpoint.
  await sql(primary, 'checkpoint');
  const where = whereOf(local, primary);
  const evidence = await gatherEvidence(where);
  const found = await localLineage(where).catch(() => undefined);
  const others = await askOthers(local, primary);
  const [row] = await sql<{ t: number }>(primary, 'select timeline_id as t from pg_control_checkpoint()');
  const problems: string[] = [];
  const compared: string[] = [];
  if (found === undefined || row === undefined) return { problems, evidence, compared };
  const { lineage, written } = found;
  if (others.redone !== undefined) {
    compared.push('recovery');
    if (!(others.redone < lineage.end))
      problems.push(`recovery read a record at ${others.redone}, beyond our end ${lineage.end}`);
  }
  if (knows(others, found)) {
    compared.push('pg_rewind');
    problems.push(...againstRewind(evidence, others, lineage.end));
  }
  const first = firstDifference(
    { data: local.data, timelines: timelinesOf(local.data, lineage.timeline) },
    { data: primary.data, timelines: timelinesOf(primary.data, row.t) },
    Number(written < lineage.end ? written : lineage.end), // after a rewind or a copy the data need more than pg_wal has
  );
  if (first !== 'nothing to compare') {
    compared.push('bytes');
    problems.push(...againstBytes(evidence, first));
  }
  return { problems, evidence, compared };
}

/** pg_rewind goes by the local control file: a timeline of which there is WAL and no checkpoint yet is unknown to it. */
function knows(others: Others, { control, lineage }: Awaited<ReturnType<typeof localLineage>>): boolean {
  const known = Math.max(control.timeline, control.minRecoveryTimeline);
  return others.unreadable === undefined && known === lineage.timeline;
}

function againstRewind(evidence: Evidence, { fork }: Others, end: bigint): string[] {
  if (evidence.verdict === 'same history') {
    const beyond = fork !== undefined && fork.at < end;
    return beyond ? [`pg_rewind: they part at ${fork.at} on timeline ${fork.timeline}, before our end ${end}`] : [];
  }
  if (evidence.verdict !== 'diverged' || !evidence.rewindable) return [];
  if (fork === undefined) return ['pg_rewind: nothing to rewind'];
  return fork.at === parseLsn(evidence.fork) ? [] : [`pg_rewind: they part at ${fork.at}, not ${evidence.fork}`];
}

function againstBytes(evidence: Evidence, first: number | undefined): string[] {
  switch (evidence.verdict) {
    case 'same history':
      return first === undefined ? [] : [`the bytes differ from ${first} on`];
    case 'diverged': {
      const fork = Number(parseLsn(evidence.fork) ?? 0n);
      if (first === undefined) return ['every byte is the same'];
      return first < fork ? [`the bytes differ from ${first} on, before ${fork}`] : [];
    }
    default:
      return [];
  }
}
