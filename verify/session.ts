// One connection to the database behind the virtual IP, that can be dropped without the server's help.
import { Socket } from 'node:net';
import pg from 'pg';

export type Target = Readonly<{ host: string; port: number; database: string; user: string; password?: string }>;

/** `query` gives rows; `drop` forgets the connection at once, for a server that is gone says no goodbye. */
export type Session = Readonly<{
  query: (sql: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;
  drop: () => void;
}>;

const connectMs = 1000;
const queryMs = 2000;

export async function openSession(target: Target): Promise<Session> {
  const socket = new Socket();
  const client = new pg.Client({
    ...target,
    stream: () => socket,
    connectionTimeoutMillis: connectMs,
    query_timeout: queryMs,
    statement_timeout: queryMs,
  });
  client.on('error', () => undefined); // the query in flight, or the next one, fails with it
  const drop = (): void => void socket.destroy();
  try {
    await client.connect();
  } catch (error) {
    drop();
    throw error;
  }
  return {
    query: async (sql, values = []) => (await client.query<Record<string, unknown>>(sql, [...values])).rows,
    drop,
  };
}
