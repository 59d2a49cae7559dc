// While a standby is promoted, it replays what it has. A session that this conflicts with is ended: clients wait for a primary.
import { setTimeout as sleep } from 'node:timers/promises';
import { endConflictsSql } from '../lib/postgres/replay-conflicts.ts';
import { query, type Target } from '../lib/postgres/session.ts';

const pollMs = 500;

/** How the promotion ended, and how many sessions were ended meanwhile. */
export async function endingConflicts<T>(
  owner: Target,
  promotion: Promise<T>,
): Promise<{ readonly result: T; readonly ended: number }> {
  const state = { over: false, ended: 0 };
  const pause = () => sleep(pollMs, undefined, { ref: false });
  const ending = async (): Promise<void> => {
    for (await pause(); !state.over; await pause()) state.ended += await endConflicts(owner);
  };
  void ending();
  const result = await promotion.finally(() => (state.over = true));
  return { result, ended: state.ended };
}

async function endConflicts(owner: Target): Promise<number> {
  const [answer] = await query({ ...owner, timeoutMs: 2000 }, (rows) =>
    rows.length === 0 ? endConflictsSql : undefined,
  );
  return answer !== undefined && 'rows' in answer ? Number(answer.rows[0]?.['ended'] ?? 0) : 0;
}
