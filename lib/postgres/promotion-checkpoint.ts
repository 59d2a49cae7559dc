// Whether a primary has made a checkpoint since its promotion. Until then its control file tells of the timeline before, and
// pg_rewind up to version 15 believes that (getTimelineHistory and minRecoveryPointTLI in src/bin/pg_rewind/pg_rewind.c): what
// it makes of a former primary then never starts. https://www.postgresql.org/docs/15/app-pgrewind.html, "Notes".
import { UnreadableAnswer, type Argv, type Result } from '../host/exec.ts';

/** `service`: an ordinary connection to the primary, in a service file. */
export function recordedArgv(psql: string, service: string): Argv {
  const sql =
    "select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int || ' ' || timeline_id from pg_control_checkpoint()";
  return [psql, '-XAtq', '-d', `service=${service}`, '-c', sql];
}

/** Wanted at once; without it the first one after a promotion takes minutes. Only some roles may ask for it (pg_checkpoint). */
export function checkpointArgv(psql: string, service: string): Argv {
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
