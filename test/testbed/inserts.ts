// The client: inserts a new number about every 20 ms for as long as it is told, whatever happens to the server.
import { randomBytes } from 'node:crypto';
import { reportOf, type Report } from './gaps.ts';
import { sleep } from './processes.ts';
import { openSession, type Session, type Target } from '../../verify/session.ts';

const everyMs = 20;
const pauseMs = 100; // between attempts to connect
const patienceMs = 60_000; // for reading back, after the run

export type InsertOptions = Readonly<{
  target: Target;
  seconds: number;
  stop: AbortSignal;
  say: (line: string) => void;
}>;

/** Inserts, reads back, reports; undefined if it could never connect. */
export async function insertNumbers(options: InsertOptions): Promise<Report | undefined> {
  const { target, say } = options;
  const line = openLine(options);
  const run = `${new Date().toISOString()} ${randomBytes(4).toString('hex')}`;
  const inserts = await insertAll(line, options, run);
  const present = await readBack(line, run);
  line.drop();
  if (!line.everConnected()) {
    say(`could never connect to ${target.host}:${target.port}: ${line.lastError()}`);
    return undefined;
  }
  if (!present) say(`could not read back within 60 s, so all rows count as missing: ${line.lastError()}`);
  return reportOf({ ...inserts, present: present ?? new Set() });
}

type Line = ReturnType<typeof openLine>;

/** A connection that is made again when it is needed and gone. */
function openLine({ target, say }: InsertOptions) {
  let session: Session | undefined;
  let everConnected = false;
  let lastError = 'no attempt made';

  async function connected(): Promise<Session> {
    if (session) return session;
    session = await openSession(target);
    if (!everConnected) {
      await session.query('create table if not exists public.cfha_client (run text, n bigint, primary key (run, n))');
      everConnected = true;
      say('connected');
    }
    return session;
  }

  function drop(): void {
    session?.drop();
    session = undefined;
  }

  return {
    drop,
    everConnected: () => everConnected,
    lastError: () => lastError,
    /** The rows, or undefined if anything went wrong: then the next use connects anew. */
    use: async <T>(work: (session: Session) => Promise<T>): Promise<T | undefined> => {
      try {
        return await work(await connected());
      } catch (error) {
        lastError = error instanceof Error ? error.message || error.name : String(error);
        drop();
        return undefined;
      }
    },
  };
}

type Inserts = Readonly<{ acknowledgedAt: ReadonlyMap<number, number>; unknown: number; endMs: number }>;

async function insertAll(line: Line, options: InsertOptions, run: string): Promise<Inserts> {
  const began = performance.now();
  const now = () => performance.now() - began;
  const acknowledgedAt = new Map<number, number>();
  let n = 0;
  while (now() < options.seconds * 1000 && !options.stop.aborted) {
    const due = now() + everyMs;
    const done = await line.use((session) => {
      n++; // never used again, even after an error: the number may be in the table
      return session.query('insert into public.cfha_client (run, n) values ($1, $2)', [run, n]);
    });
    if (done) acknowledgedAt.set(n, now());
    await sleep(done ? Math.max(0, due - now()) : pauseMs);
  }
  return { acknowledgedAt, unknown: n - acknowledgedAt.size, endMs: now() };
}

async function readBack(line: Line, run: string): Promise<ReadonlySet<number> | undefined> {
  const end = performance.now() + patienceMs;
  while (performance.now() < end) {
    const rows = await line.use((session) => session.query('select n from public.cfha_client where run = $1', [run]));
    if (rows) return new Set(rows.map((row) => Number(row['n'])));
    await sleep(pauseMs);
  }
  return undefined;
}
