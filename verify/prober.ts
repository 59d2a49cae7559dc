// Asks every node at its own address, all the time, whether it takes writes: a second primary is looked for everywhere.
import { setTimeout as sleep } from 'node:timers/promises';
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
    while (!state.stopped) {
      try {
        session ??= await openSession(target);
        await session.query(question);
        answers.push({ node, atMs: Date.now(), writable: true });
      } catch (error) {
        const code = String((error as { code?: unknown }).code);
        const refused = refuses.test(code);
        if (refused || behindGates) answers.push({ node, atMs: Date.now(), writable: false });
        if (!refused) {
          session?.drop();
          session = undefined;
        }
      }
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
