// The real servers of a side: what each is doing, asked over its socket, and the faults that befall them.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { family, kill } from './call.ts';
import { dataFolder, socketFolder, vipNode, type Side } from './side.ts';

export type Server = {
  readonly running: boolean;
  readonly inRecovery?: boolean;
  readonly timeline?: string;
  readonly syncNames?: string;
  readonly slots?: string;
  readonly standbys?: string;
  readonly receiving?: boolean;
  /** Where the server looks for programs, each folder once. */
  readonly path?: string;
  /** Variables of the resource or its secrets that it has inherited. */
  readonly inherited?: string;
  readonly oom?: string;
};

const question = `
select pg_is_in_recovery() as recovering,
       current_setting('synchronous_standby_names') as sync_names,
       (select string_agg(slot_name, ' ' order by slot_name) from pg_replication_slots) as slots,
       (select string_agg(application_name || ':' || state || ':' || sync_state, ' ' order by application_name)
          from pg_stat_replication) as standbys,
       (select status = 'streaming' from pg_stat_wal_receiver) as receiving,
       case when pg_is_in_recovery() then null else left(pg_walfile_name(pg_current_wal_lsn()), 8) end as timeline,
       case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end as lsn`;

type Row = {
  recovering: boolean;
  sync_names: string;
  slots: string | null;
  standbys: string | null;
  receiving: boolean | null;
  timeline: string | null;
  lsn: string;
};

/** Asks a node's server, a second time if need be: the machine may be busy. Undefined if it does not answer. */
export async function ask<R extends pg.QueryResultRow>(
  side: Side,
  node: string,
  sql: string,
): Promise<R[] | undefined> {
  return (await askOnce<R>(side, node, sql)) ?? askOnce<R>(side, node, sql);
}

async function askOnce<R extends pg.QueryResultRow>(side: Side, node: string, sql: string): Promise<R[] | undefined> {
  const client = new pg.Client({
    host: socketFolder(side, node),
    port: Number(side.parameters['pgport'] ?? '5432'),
    user: 'postgres',
    database: 'postgres',
    connectionTimeoutMillis: 3000,
    query_timeout: 10000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<R>(sql)).rows;
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The postmaster of a node's data directory, found by its working directory, whatever files say. */
export function postmaster(side: Side, node: string): number | undefined {
  const data = dataFolder(side, node);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && workingFolder(name) === data);
  const inside = new Set(pids.map(Number));
  return [...inside].find((pid) => commandLine(pid).includes('postgres') && !inside.has(parent(pid)));
}

function workingFolder(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function parent(pid: number): number {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? -1);
  } catch {
    return -1;
  }
}

/** What a node's server is doing. */
export async function look(side: Side, node: string): Promise<Server> {
  const pid = postmaster(side, node);
  if (pid === undefined) return { running: false };
  const row = (await ask<Row>(side, node, question))?.[0];
  if (row === undefined) return { running: true };
  return {
    running: true,
    ...environmentOf(side, pid),
    inRecovery: row.recovering,
    syncNames: row.sync_names,
    ...(row.timeline === null ? {} : { timeline: row.timeline }),
    ...(row.slots === null ? {} : { slots: row.slots }),
    ...(row.standbys === null ? {} : { standbys: row.standbys }),
    ...(row.receiving === null ? {} : { receiving: row.receiving }),
  };
}

/** Of a process; nothing if it has ended meanwhile. */
function environmentOf(side: Side, pid: number): Pick<Server, 'path' | 'inherited' | 'oom'> {
  try {
    const words = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const path = words.find((word) => word.startsWith('PATH='))?.slice('PATH='.length) ?? '';
    const folders = [...new Set(path.split(':'))].filter((folder) => existsSync(folder));
    return {
      path: folders.join(':').replaceAll(side.root, '@side'),
      inherited: words.filter((word) => /^(OCF_RESKEY_|PGPASSWORD|PGUSER)/.test(word)).length > 0 ? 'secrets' : 'none',
      oom: readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim(),
    };
  } catch {
    return {};
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Kills a postmaster and its children, as a crash does, and waits until they are gone. */
export async function crash(side: Side, node: string): Promise<void> {
  const pid = postmaster(side, node);
  if (pid === undefined) return;
  const members = family(pid);
  members.forEach(kill);
  for (let tries = 0; tries < 800 && members.some(alive); tries++) await pause(10);
}

/** A process that has ended counts as long as its parent has not taken note: kill -0, which upstream asks, finds it. */
const alive = (pid: number) => commandLine(pid) !== '' || parent(pid) !== -1;

/** The primary that standbys are told to follow, and the standbys that run; nothing if there is nothing to wait for. */
function streams(side: Side): { source: string; standbys: string[] } | undefined {
  const source = vipNode(side);
  if (source === undefined || postmaster(side, source) === undefined) return undefined;
  const standbys = side.nodes.filter((n) => n !== source && postmaster(side, n) !== undefined);
  return standbys.length === 0 ? undefined : { source, standbys };
}

async function unsettled(side: Side): Promise<boolean> {
  const found = streams(side);
  const primary = found && (await ask<Row>(side, found.source, question))?.[0];
  if (found === undefined || primary === undefined || primary.recovering) return false;
  const rows = await Promise.all(found.standbys.map((n) => ask<Row>(side, n, question)));
  const behind = rows.some((row) => row?.[0] === undefined || (row[0].recovering && !caughtUp(row[0], primary)));
  return behind || /:(startup|catchup)/.test(primary.standbys ?? '');
}

const caughtUp = (standby: Row, primary: Row) => standby.receiving === true && standby.lsn === primary.lsn;

/** Waits until every standby that can stream does, and has everything; gives up on those that cannot. */
export async function settle(side: Side, limitMs = 2500): Promise<void> {
  const until = performance.now() + limitMs;
  while (performance.now() < until && (await unsettled(side))) await pause(40);
}

/** The process ids of a side's servers end here, however they are. */
export async function endServers(side: Side): Promise<void> {
  await Promise.all(side.nodes.map((n) => crash(side, n)));
}

const inShell = promisify(execFile);

/** Replaces a node's data directory by a base backup of another's. */
export async function baseBackup(side: Side, from: string, to: string): Promise<void> {
  const data = dataFolder(side, to);
  const configuration = readFileSync(join(data, 'postgresql.conf'));
  rmSync(data, { recursive: true, force: true });
  const backup = `${side.rig.programs}/pg_basebackup -D ${data} -h ${socketFolder(side, from)} -c fast`;
  await inShell('install', ['-d', '-o', 'postgres', '-m', '700', data]);
  await inShell('runuser', ['postgres', '-c', `cd / && ${backup}`]);
  // The node's own file: it names its socket directory and includes its own tmpdir.
  writeFileSync(join(data, 'postgresql.conf'), configuration);
}
