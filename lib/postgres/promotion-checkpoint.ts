// Whether a primary has made a checkpoint since its promotion. Until then its control file tells of the timeline before, and
// pg_rewind up to version 15 believes that (getTimelineHistory and minRecoveryPointTLI in src/bin/pg_rewind/pg_rewind.c): what
// it makes of a former primary then never starts. https://www.postgresql.org/docs/15/app-pgrewind.html, "Notes".
import { setTimeout as sleep } from 'node:timers/promises';
import { UnreadableAnswer, type Argv, type Result } from '../host/exec.ts';
import type { Asking } from './asking.ts';

/** `service`: an ordinary connection to the primary, in a service file. */
function recordedArgv(psql: string, service: string): Argv {
  const sql =
    "select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int || ' ' || timeline_id from pg_control_checkpoint()";
  return [psql, '-XAtq', '-d', `service=${service}`, '-c', sql];
}

/** Wanted at once; without it the first one after a promotion takes minutes. Only some roles may ask for it (pg_checkpoint). */
function checkpointArgv(psql: string, service: string): Argv {
  return [psql, '-XAtq', '-d', `service=${service}`, '-c', 'checkpoint'];
}

/** True once the control file tells of the timeline that is written. Throws UnreadableAnswer. */
export function readRecorded({ code, stdout, stderr, failure }: Result): boolean {
  const [, written, recorded] = /^(\d+) (\d+)$/.exec(stdout.trim()) ?? [];
  if (code !== 0 || written === undefined || recorded === undefined)
    throw new UnreadableAnswer(
      `the primary did not say its timeline: ${failure ?? stderr.trim().split('\n')[0] ?? ''}`,
    );
  return Number(recorded) >= Number(written);
}

type Given = {
  readonly psql: string;
  /** Milliseconds that are left. */
  readonly left: () => number;
  readonly pause?: (ms: number) => Promise<void>;
};

/** A rewind begins with this. Throws UnreadableAnswer if the time is over: another try may find it made. */
export async function untilCheckpoint(
  primary: Pick<Asking, 'run'>,
  { psql, left, pause = sleep }: Given,
): Promise<void> {
  const isRecorded = async () =>
    readRecorded(await primary.run(recordedArgv(psql, 'database'), { timeoutMs: Math.min(10_000, left()) }));
  if (await isRecorded()) return;
  await primary.run(checkpointArgv(psql, 'database'), { timeoutMs: left() }); // if it may not, it comes by itself
  while (!(await isRecorded())) {
    if (left() < 2000) throw new UnreadableAnswer('the primary has made no checkpoint since its promotion');
    await pause(1000);
  }
}
