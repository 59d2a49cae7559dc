// Fills a snapshot: the only file that knows in which order to ask, and what may be skipped. It never interprets.
import { monotonicMs, timeOfDayMs } from '../lib/host/clock.ts';
import { exists, namesIn, readText } from '../lib/host/disk.ts';
import { UnreadableAnswer, type Result } from '../lib/host/exec.ts';
import { findProcess, worksIn, type Process } from '../lib/host/processes.ts';
import { queryCibArgv, readCluster, type Cluster } from '../lib/pacemaker/cib.ts';
import { restoringMs } from '../lib/postgres/children.ts';
import { controlDataArgv, shutdownCheckpoint, wasShutDown } from '../lib/postgres/controldata.ts';
import { readPidFile, type PidFile } from '../lib/postgres/pidfile.ts';
import { instanceSql, readInstance, type InstanceAnswer } from '../lib/postgres/queries.ts';
import { query, type Target } from '../lib/postgres/session.ts';
import { newestTimeline } from '../lib/postgres/wal-files.ts';
import { findPostmaster } from '../lib/postgres/shutdown.ts';
import { parameters as declared } from '../meta/parameters.ts';
import { needs } from './needs.ts';
import { lookFurther, lookForRejoin } from './look-rejoin.ts';
import { withSettings } from './look-settings.ts';
import { lookAtWalRoom } from './look-slots.ts';
import { withOwnWal } from './own-wal.ts';
import { askMembers, withMembership } from './members.ts';
import { isBlindProbe, waitsForMembers, wantsConfirmation } from './rules/alone.ts';
import { rogueLock } from './rules/history.ts';
import { readRepModeConf } from './rules/sync.ts';
import { left, type Site } from './site.ts';
import { target } from './target.ts';
import type { Session, Snapshot } from './snapshot.ts';

/** The cluster is read once a call, who is a member more often where that decides; what the call writes is entered here. */
export type Memory = {
  cluster: Cluster | undefined;
  clusterFailure: string | undefined;
  asked: boolean;
  /** When the last step ended, by the monotonic clock in ms; at first, when it began. */
  steppedMs: number;
};

export async function look(site: Site, memory: Memory): Promise<Snapshot> {
  const p = site.call.parameters;
  const pidFile = pidFileOf(site);
  const postmaster = postmasterOf(site, pidFile);
  const ended = postmaster === undefined ? await askControlFile(site) : undefined;
  const session = await ask(site, memory, { pidFile, alive: postmaster !== undefined });
  const seen: Snapshot = {
    postmaster: postmaster && { pid: postmaster.pid, status: pidFile?.status },
    session,
    ...ended,
    standbySignal: exists(`${p.pgdata}/standby.signal`),
    restoringMs: lookAtRecovery(site, postmaster),
    ...lookAtLock(`${p.tmpdir}/PGSQL.lock`),
    notes: readNotes(p.tmpdir),
    syncNames: readRepModeConf(readText(`${p.tmpdir}/rep_mode.conf`) ?? ''),
    cluster: memory.cluster,
    clusterFailure: memory.clusterFailure,
    nowMs: timeOfDayMs(),
    remainingMs: Math.max(0, waitsUntil(site, memory) - monotonicMs()),
    ...(await lookForRejoin(site, postmaster !== undefined)),
  };
  const snapshot: Snapshot = { ...seen, ...lookAtWalRoom(site, seen) };
  const found = await withSettings(site, await askFurther(site, snapshot));
  if (waitsForMembers(site.action, { snapshot: found, call: site.call })) memory.asked = false;
  return found;
}

/** What it holds is of account only where it is. */
function lookAtLock(file: string): Pick<Snapshot, 'lock' | 'rogueLock'> {
  const lock = exists(file);
  return { lock, rogueLock: lock && readText(file) === rogueLock };
}

/** Asked only where recovery is waited for. */
function lookAtRecovery({ action }: Site, postmaster: Process | undefined): number | undefined {
  return postmaster !== undefined && (action === 'promote' || action === 'start') ? restoringMs(postmaster) : undefined;
}

/** A copy may take hours: what it is to be followed by has its time after that. */
export function waitsUntil({ deadline, patience }: Site, { steppedMs }: Pick<Memory, 'steppedMs'>): number {
  return patience === undefined ? deadline : steppedMs + patience;
}

/** What only some decisions need, and what was found before tells which. */
async function askFurther(site: Site, first: Snapshot): Promise<Snapshot> {
  const snapshot = withOwnWal(site, first);
  if (wantsConfirmation(site.action, snapshot, site.call))
    return { ...snapshot, peerRecords: await askMembers(site, snapshot, left(site)) };
  return lookFurther(site, snapshot);
}

/** What postmaster.pid says; undefined if there is none, or it is none of a postmaster. */
export function pidFileOf({ call }: Site): PidFile | undefined {
  return readPidFile(readText(`${call.parameters.pgdata}/postmaster.pid`) ?? '');
}

/** True if a postmaster of the data directory lives. */
export function lives(site: Site): boolean {
  return postmasterOf(site, pidFileOf(site)) !== undefined;
}

/** The two questions to others, at the same time. The cluster's answer is read while the server works at its own. */
async function ask(
  site: Site,
  memory: Memory,
  server: { pidFile: PidFile | undefined; alive: boolean },
): Promise<Session | undefined> {
  const wanted = needs(site.action, site.call);
  let begun = (): void => undefined;
  const atWork = new Promise<void>((resolve) => (begun = resolve));
  const session =
    wanted.session && server.alive ? askServer(site, server.pidFile, begun).finally(() => begun()) : undefined;
  if (session === undefined) begun();
  const cluster = wanted.cluster && !memory.asked ? askCluster(site, memory, atWork) : undefined;
  await Promise.allSettled([cluster, session]);
  await cluster;
  return session;
}

/** The living postmaster of the data directory. A number in a file proves nothing: the process must work there. */
export function postmasterOf(site: Site, pidFile: PidFile | undefined): Process | undefined {
  const data = site.call.parameters.pgdata;
  return findPostmaster(data, pidFile?.pid, (pid) => findProcess(pid) !== undefined && worksIn(pid, data));
}

function readNotes(directory: string): readonly string[] {
  const notes: string[] = [];
  for (let n = 0; ; n++) {
    const note = readText(`${directory}/xlog_note.${n}`);
    if (note === undefined) return notes;
    notes.push(note);
  }
}

async function askServer(site: Site, pidFile: PidFile | undefined, begun: () => void): Promise<Session> {
  const [first] = await query(target(site, pidFile), (rows) => {
    if (rows.length > 0) return undefined;
    begun();
    return instanceSql;
  });
  if (first === undefined || 'failure' in first)
    return { failure: first?.failure ?? { kind: 'failed', message: 'no answer' } };
  const answer = withNewestTimeline(readInstance(first.rows[0]), site);
  const extra = extraQuery(site);
  if (extra === undefined || (answer.inRecovery && !extra.always)) return { answer };
  return {
    answer,
    monitorSqlFailure: await askMonitorSql(extra.sql, { ...target(site, pidFile), settings: 'of the server' }),
  };
}

/** An administrator's question, with the server's settings, as psql has them for pgsql: a session of its own. Returns why it failed. */
async function askMonitorSql(sql: string, at: Target): Promise<string | undefined> {
  const [answer] = await query(at, (rows) => (rows.length === 0 ? sql : undefined));
  return answer !== undefined && 'failure' in answer ? answer.failure.message : undefined;
}

/** A standby without a primary: the server does not say which timeline's WAL it has received last. */
function withNewestTimeline(answer: InstanceAnswer, site: Site): InstanceAnswer {
  if (!answer.inRecovery || answer.walReceiver) return answer;
  const newest = newestTimeline(namesIn(`${site.call.parameters.pgdata}/pg_wal`)) ?? 0;
  return { ...answer, timeline: Math.max(answer.timeline, newest) };
}

/** monitor_sql, where it is not what the agent asks in any case. pgsql does not run it on a standby of a promotable clone. */
function extraQuery({ action, call }: Site): { readonly sql: string; readonly always: boolean } | undefined {
  const sql = call.parameters.monitor_sql;
  const wanted =
    ['monitor', 'start', 'promote'].includes(action) && sql !== declared.monitor_sql.default && sql.trim() !== '';
  return wanted ? { sql, always: !call.promotable } : undefined;
}

type Ended = Pick<Snapshot, 'cleanShutdown' | 'shutdownAt'>;

/** Asked only where it decides: before a demoted server is started again. */
async function askControlFile({ action, call: { parameters: p }, exec }: Site): Promise<Ended | undefined> {
  if (action !== 'demote' || p.demote_to !== 'standby') return undefined;
  const result = await exec({ argv: controlDataArgv(p.pgctl, p.pgdata), timeoutMs: 5000 });
  try {
    return { cleanShutdown: wasShutDown(result), shutdownAt: shutdownCheckpoint(result) };
  } catch (error) {
    if (error instanceof UnreadableAnswer) return { cleanShutdown: false }; // no proof: the server stays stopped
    throw error;
  }
}

/** The program that asks the cluster. */
function queryCluster(site: Pick<Site, 'exec' | 'deadline'>): Promise<Result> {
  return site.exec({ argv: queryCibArgv, timeoutMs: timeForCluster(site) });
}

/** Milliseconds that an answer of the cluster's is waited for. */
function timeForCluster(site: Pick<Site, 'deadline'>): number {
  return Math.max(500, Math.min(10_000, left(site) / 2));
}

/** What was asked before this process was cfpgsql is not asked again, unless it has come to nothing. */
async function firstAnswer(site: Site): Promise<Result> {
  return (await site.asked?.answer(timeForCluster(site))) ?? queryCluster(site);
}

async function askCluster(site: Site, memory: Memory, atWork: Promise<void>): Promise<void> {
  memory.asked = true;
  const first = memory.cluster === undefined && memory.clusterFailure === undefined;
  const result = first ? await firstAnswer(site) : await queryCluster(site);
  await atWork;
  try {
    const now = readCluster(result, site.call.resource);
    // A probe without quorum has written nothing, and waits for what the others have recorded.
    const known = isBlindProbe(memory.cluster, site.call) ? undefined : memory.cluster;
    memory.cluster = known === undefined ? now : withMembership(known, now);
    memory.clusterFailure = undefined;
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    memory.clusterFailure = error.message;
  }
}
