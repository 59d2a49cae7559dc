// The client of a drill: writes at a steady rate through the virtual IP, and knows what was acknowledged. And the load.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs, timeOfDayMs } from '../lib/host/clock.ts';
import { outcomeOf, type Write, type Written } from './measure/writes.ts';
import { openSession, type Session, type Target } from './session.ts';

const everyMs = 20;
const pauseMs = 100; // between attempts to connect
const patienceMs = 60_000; // for reading back

const schema = 'cfha_verify';
const create = [
  `create schema if not exists ${schema}`,
  `create table if not exists ${schema}.writes (run text, n bigint, filler text)`,
];
const drop = `drop schema if exists ${schema} cascade`; // prettier-ignore

export type Writer = {
  readonly acknowledged: () => number;
  readonly lastAcknowledgedMs: () => number;
  /** Ends it, and reads back. */
  readonly stop: () => Promise<Written>;
};

/** Where a client writes: at a virtual IP, or at the first of several addresses that takes it. */
export type Targets = Target | readonly Target[];

/** A connection that is made again when it is needed and gone; at the next address after one that came to nothing. */
function line(targets: Targets) {
  const all = [targets].flat();
  let at = 0;
  let session: Session | undefined;
  const next = (): void => void (at = (at + 1) % all.length);
  return {
    connected: async (): Promise<Session> => {
      const target = all[at];
      if (target === undefined) throw new Error('there is no address to write at');
      try {
        return (session ??= await openSession(target));
      } catch (error) {
        next();
        throw error;
      }
    },
    drop: (): void => {
      if (session !== undefined) next();
      session?.drop();
      session = undefined;
    },
  };
}

type Line = ReturnType<typeof line>;

/** Makes the schema; says why not, if it cannot. */
export async function prepare(targets: Targets): Promise<string | undefined> {
  const own = line(targets);
  try {
    const session = await own.connected();
    for (const sql of create) await session.query(sql);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    own.drop();
  }
}

/** Leaves nothing of it; true if that worked. */
export async function tidy(targets: Targets): Promise<boolean> {
  const own = line(targets);
  for (const end = performance.now() + patienceMs; performance.now() < end; await sleep(pauseMs)) {
    try {
      await (await own.connected()).query(drop);
      return true;
    } catch {
      // tried again: the server may be on its way
    } finally {
      own.drop();
    }
  }
  return false;
}

export function startWriter(targets: Targets): Writer {
  const own = line(targets);
  const run = `${new Date().toISOString()} ${randomBytes(4).toString('hex')}`;
  const state = { stopped: false, acknowledged: 0, lastMs: 0 };
  const beganMs = timeOfDayMs();
  const writes: Write[] = [];
  const done = (async (): Promise<void> => {
    for (let n = 1; !state.stopped;) {
      const due = monotonicMs() + everyMs;
      const tried = await write(own, run, n);
      if (tried === undefined) {
        await sleep(pauseMs);
        continue;
      }
      writes.push(tried);
      n++; // never used again, even after an error: the number may be in the table
      if (tried.outcome === 'acknowledged') Object.assign(state, { acknowledged: state.acknowledged + 1, lastMs: tried.atMs }); // prettier-ignore
      await sleep(Math.max(0, due - monotonicMs()));
    }
  })();
  return {
    acknowledged: () => state.acknowledged,
    lastAcknowledgedMs: () => state.lastMs,
    stop: async () => {
      state.stopped = true;
      await done;
      const endedMs = timeOfDayMs();
      const present = await readBack(own, run);
      own.drop();
      return { writes, present, beganMs, endedMs };
    },
  };
}

/** Undefined: there was no connection, so nothing was tried. */
async function write(own: Line, run: string, n: number): Promise<Write | undefined> {
  const session = await own.connected().catch(() => undefined);
  if (session === undefined) {
    own.drop();
    return undefined;
  }
  try {
    await session.query(`insert into ${schema}.writes (run, n) values ($1, $2)`, [run, n]);
    return { n, atMs: timeOfDayMs(), outcome: 'acknowledged' };
  } catch (error) {
    own.drop();
    return { n, atMs: timeOfDayMs(), outcome: outcomeOf((error as { code?: unknown }).code) };
  }
}

async function readBack(own: Line, run: string): Promise<ReadonlyMap<number, number> | undefined> {
  const end = performance.now() + patienceMs;
  const sql = `select n, count(*) as times from ${schema}.writes where run = $1 group by n`;
  while (performance.now() < end) {
    try {
      const rows = await (await own.connected()).query(sql, [run]);
      return new Map(rows.map((row) => [Number(row['n']), Number(row['times'])]));
    } catch {
      own.drop();
      await sleep(pauseMs);
    }
  }
  return undefined;
}

/** Clients that write as fast as they can; ends them. */
export function startLoad(targets: Targets, clients: number): () => Promise<void> {
  const state = { stopped: false };
  const all = Array.from({ length: clients }, async () => {
    const own = line(targets);
    while (!state.stopped) {
      try {
        const session = await own.connected();
        await session.query(`insert into ${schema}.writes (run, n, filler) select 'load', n, repeat('x', 200) from generate_series(1, 50) n`); // prettier-ignore
      } catch {
        own.drop();
        await sleep(pauseMs);
      }
    }
    own.drop();
  });
  return async () => {
    state.stopped = true;
    await Promise.all(all);
  };
}
