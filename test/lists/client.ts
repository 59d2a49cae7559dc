// Clients that append to lists, and read them back, at the virtual address and at every node's own.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openSession, type Session, type Target } from '../../verify/session.ts';
import { sleep } from '../testbed/processes.ts';
import { virtual, type Append, type History, type Lists, type Outcome, type Read } from './judge.ts';

const appendEveryMs = 200;
const readEveryMs = 500;
const patienceMs = 60_000; // for the last reading
const table =
  'create table if not exists public.cfha_lists (run text, place text, list int[], primary key (run, place))';
const append = `insert into public.cfha_lists as there values ($1, $2, array[$3::int])
  on conflict (run, place) do update set list = there.list || excluded.list`;
const read = 'select place, array_to_json(list)::text as list from public.cfha_lists where run = $1';

export type Keeping = Readonly<{ target: Target; addresses: readonly string[]; seconds: number; stop: AbortSignal }>;

type Row = Readonly<Record<string, unknown>>;
/** What an address answers; `sent` is false if there was no connection, so that nothing can have been done. */
type Answer = Readonly<{ rows: readonly Row[] }> | Readonly<{ error: unknown; sent: boolean }>;
type Line = Readonly<{ ask: (sql: string, values: readonly unknown[]) => Promise<Answer>; drop: () => void }>;

/** A connection that is made again when it is needed and gone. */
function lineTo(target: Target): Line {
  let session: Session | undefined;
  const drop = (): void => {
    session?.drop();
    session = undefined;
  };
  return {
    drop,
    ask: async (sql, values) => {
      try {
        session ??= await openSession(target);
        return { rows: await session.query(sql, values) };
      } catch (error) {
        const sent = session !== undefined;
        drop();
        return { error, sent };
      }
    },
  };
}

/** SQLSTATE classes of errors that come before the commit: constraint, read only, unknown table, no resources. */
const before = /^(23|25|42|53)/;

/** What has become of an append. */
export function outcomeOf(answer: Answer): Outcome {
  if ('rows' in answer) return 'acknowledged';
  const { error, sent } = answer;
  return !sent || (error instanceof pg.DatabaseError && before.test(error.code ?? '')) ? 'failed' : 'uncertain';
}

/** Appends and reads until it is stopped, and then reads all lists a last time, at the virtual address; undefined if it could not. */
export async function keepLists({ target, addresses, seconds, stop }: Keeping): Promise<History | undefined> {
  const run = randomBytes(8).toString('hex');
  const began = performance.now();
  const now = () => performance.now() - began;
  const going = () => now() < seconds * 1000 && !stop.aborted;
  const hosts = [[virtual, target.host] as const, ...addresses.map((host) => [host, host] as const)];
  const appends: Append[] = [];
  const reads: Read[] = [];
  const every = async (ms: number, host: string, work: (line: Line) => Promise<void>): Promise<void> => {
    const line = lineTo({ ...target, host });
    while (going()) {
      const due = now() + ms;
      await work(line);
      await sleep(Math.max(0, due - now()));
    }
    line.drop();
  };
  const appending = async (place: string, host: string): Promise<void> => {
    let value = 0;
    await every(appendEveryMs, host, async (line) => {
      value++; // never used again, even after an error: it may be in the list
      const outcome = outcomeOf(await line.ask(append, [run, place, value]));
      appends.push({ place, value, outcome, atMs: now() });
    });
  };
  const reading = (at: string, host: string): Promise<void> =>
    every(readEveryMs, host, async (line) => {
      const answer = await line.ask(read, [run]);
      if ('rows' in answer) reads.push(...[...listsOf(answer.rows)].map(([place, list]) => ({ at, place, list })));
    });
  await lastly(target, table, []);
  await Promise.all(hosts.flatMap(([place, host]) => [appending(place, host), reading(place, host)]));
  const rows = await lastly(target, read, [run]);
  return rows && { appends, reads, final: listsOf(rows) };
}

function listsOf(rows: readonly Row[]): Lists {
  return new Map(rows.map(({ place, list }) => [String(place), JSON.parse(String(list)) as number[]]));
}

/** Asks until there is an answer. */
async function lastly(target: Target, sql: string, values: readonly unknown[]): Promise<readonly Row[] | undefined> {
  const line = lineTo(target);
  const end = performance.now() + patienceMs;
  try {
    while (performance.now() < end) {
      const answer = await line.ask(sql, values);
      if ('rows' in answer) return answer.rows;
      await sleep(readEveryMs);
    }
    return undefined;
  } finally {
    line.drop();
  }
}
