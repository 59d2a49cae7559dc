// Asks every node at its own address, all the time, whether it takes writes: a second primary is looked for everywhere.
import { setTimeout as sleep } from 'node:timers/promises';
import { timeOfDayMs } from '../lib/host/clock.ts';
import type { ProbeAnswer } from './measure/writable.ts';
import { openSession, type Session, type Target } from './session.ts';

const everyMs = 250;

/** A transaction id is given out by a primary only, and waits for no standby. */
const question = 'select txid_current()';
/** read_only_sql_transaction, and what a standby says to txid_current. */
const refuses = /^(25006|55000|57P03)$/;

/**
 * Begins; the answers so far, when it ends. Of an address that does not answer nothing is known; `behindGates`: then nobody from here can
 * write there.
 */
export function startProber(
  targets: Readonly<Record<string, Target>>,
  behindGates = false,
): () => Promise<readonly ProbeAnswer[]> {
  const state = { stopped: false };
  const answers: ProbeAnswer[] = [];
  const all = Object.entries(targets).map(async ([node, target]) => {
    let session: Session | undefined;
    const answer = (writable: boolean): void => void answers.push({ node, atMs: timeOfDayMs(), writable });
    const failed = (error: unknown): void => {
      const refused = refuses.test(String((error as { code?: unknown }).code));
      if (refused || behindGates) answer(false);
      if (refused) return;
      session?.drop();
      session = undefined;
    };
    while (!state.stopped) {
      await (async () => {
        session ??= await openSession(target);
        await session.query(question);
      })().then(() => answer(true), failed);
      await sleep(everyMs);
    }
    session?.drop();
  });
  return async () => {
    state.stopped = true;
    await Promise.all(all);
    return answers;
  };
}
