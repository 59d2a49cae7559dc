// One connection that is kept: who asks every moment must not make the server start a process every time.
import { explain, sqlStateOf } from './failure.ts';
import { open, type Answered, type Session, type Target } from './session.ts';

export type KeptSession = {
  /** Asks on the connection there is, or on a new one. The answer comes when it comes: limits are the caller's. */
  readonly ask: (sql: string) => Promise<Answered>;
  /** Ends the connection, and whatever it waits for. */
  readonly end: () => void;
};

/** The target's time limit ends what hangs, so that it is tried anew. */
export function keptSession(target: Target): KeptSession {
  let kept: Session | undefined;
  const end = (): void => {
    kept?.end();
    kept = undefined;
  };
  const connected = async (): Promise<Session> => {
    kept ??= await open(target, (broken) => {
      if (kept === broken) kept = undefined;
    });
    return kept;
  };
  return {
    end,
    ask: async (sql) => {
      try {
        return { rows: await (await connected()).query(sql) };
      } catch (error) {
        // A statement's own error leaves the connection as it was; all others are the connection's.
        if (!isStatements(error)) end();
        return { failure: explain(error) };
      }
    },
  };
}

/** An SQLSTATE that is not of class 08 (connection) or 57P (an administrator, a crash, a shutdown). */
function isStatements(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state !== undefined && !/^(08|57P)/.test(state);
}
