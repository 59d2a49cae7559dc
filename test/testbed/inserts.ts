// The client: inserts a new number about every 20 ms for as long as it is told, whatever happens to the server.
import { randomBytes } from 'node:crypto';
import { reportOf, type Report } from './gaps.ts';
import { sleep } from './processes.ts';
import { openSession, type Session, type Target } from './session.ts';

const everyMs = 20;
const pauseMs = 100; // between attempts to connect
const patienceMs = 60_000; // for reading back, after the run

type Progress = { session?: Session; everConnected: boolean; lastError: string; tableMade: boolean };

export type InsertOptions = Readonly<{ target: Target; seconds: number; stop: AbortSignal; say: (line: string) => void }>;

/** Inserts, reads back, reports; undefined if it could never connect. */
export async function insertNumbers(options: InsertOptions): Promise<Report | undefined> {
  const run = `${new Date().toISOString()} ${randomBytes(4).toString('hex')}`;
  const began = performance.now();
  const now = () => performance.now() - began;
  const progress: Progress = { everConnected: false, lastError: '', tableMade: false };
  const acknowledgedAt = new Map<number, number>();
  let unknown = 0;
  for (let n = 1; now() < options.seconds * 1000 && !options.stop.aborted; ) {
    const session = await connected(progress, options);
    if (!session) {
      await sleep(pauseMs);
      continue;
    }
    const due = now() + everyMs;
    if (await inserted(progress, session, [run, n])) acknowledgedAt.set(n, now());
    else unknown++;
    n++; // also after an error: the number may be in the table, so it is not used again
    await sleep(Math.max(0, due - now()));
  }
  const endMs = now();
  const present = await readBack(progress, options, run);
  if (!present && !progress.everConnected) options.say(`could never connect to ${options.target.host}:${options.target.port}: ${progress.lastError}`);
  if (!present && progress.everConnected) options.say(`could not read back within 60 s, so all rows count as missing: ${progress.lastError}`);
  return progress.everConnected ? reportOf({ acknowledgedAt, unknown, present: present ?? new Set(), endMs }) : undefined;
}

async function connected(progress: Progress, { target, say }: InsertOptions): Promise<Session | undefined> {
  if (progress.session) return progress.session;
  try {
    const session = await openSession(target);
    progress.session = session;
    await makeTable(progress, session);
    if (!progress.everConnected) say('connected');
    progress.everConnected = true;
    return session;
  } catch (error) {
    forget(progress, error);
    return undefined;
  }
}

async function makeTable(progress: Progress, session: Session): Promise<void> {
  if (progress.tableMade) return;
  await session.query('create table if not exists cfha_client (run text, n bigint, primary key (run, n))');
  progress.tableMade = true;
}

async function inserted(progress: Progress, session: Session, row: readonly [string, number]): Promise<boolean> {
  try {
    await session.query('insert into cfha_client (run, n) values ($1, $2)', row);
    return true;
  } catch (error) {
    forget(progress, error);
    return false;
  }
}

function forget(progress: Progress, error: unknown): void {
  progress.session?.drop();
  delete progress.session;
  progress.lastError = error instanceof Error ? error.message || error.name : String(error);
}

async function readBack(progress: Progress, options: InsertOptions, run: string): Promise<ReadonlySet<number> | undefined> {
  const end = performance.now() + patienceMs;
  while (performance.now() < end) {
    const session = await connected(progress, options);
    try {
      const rows = await session?.query('select n from cfha_client where run = $1', [run]);
      session?.drop();
      if (rows) return new Set(rows.map((row) => Number(row['n'])));
    } catch (error) {
      forget(progress, error);
    }
    await sleep(pauseMs);
  }
  return undefined;
}
