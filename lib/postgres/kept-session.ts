// One connection that is kept: who asks every moment must not make the server start a process every time.
import type { Client } from 'pg';
import { explain, open, type Answered, type Row, type Target } from './session.ts';

export type KeptSession = {
  /** Asks on the connection there is, or on a new one. The answer comes when it comes: limits are the caller's. */
  readonly ask: (sql: string) => Promise<Answered>;
  /** Ends the connection, and whatever it waits for. */
  readonly end: () => void;
};

/** `first` is executed on every new connection. The target's time limit ends what hangs, so that it is tried anew. */
export function keptSession(target: Target, first: string): KeptSession {
  let kept: Client | undefined;
  const end = (): void => {
    const client = kept;
    kept = undefined;
    if (client !== undefined) void client.end().catch(() => undefined);
  };
  const connected = async (): Promise<Client> => {
    if (kept !== undefined) return kept;
    const client = await open(target, (broken) => {
      if (kept === broken) kept = undefined;
    });
    try {
      await client.query(first);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    kept = client;
    return client;
  };
  return {
    end,
    ask: async (sql) => {
      try {
        const client = await connected();
        return { rows: ((await client.query(sql)) as { rows: Row[] }).rows };
      } catch (error) {
        const failure = explain(error);
        // A statement's own error leaves the connection as it was; all others are the connection's.
        if (!isStatements(error)) end();
        return { failure };
      }
    },
  };
}

/** An SQLSTATE that is not of class 08 (connection) or 57P (an administrator, a crash, a shutdown). */
function isStatements(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[0-9A-Z]{5}$/.test(code) && !/^(08|57P)/.test(code);
}
