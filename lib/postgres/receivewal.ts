// pg_receivewal: a stretch of the primary's WAL, to compare. https://www.postgresql.org/docs/current/app-pgreceivewal.html
import { dirname } from 'node:path';
import type { Argv } from '../host/exec.ts';
import { formatLsn, type Lsn } from './lsn.ts';

/**
 * Receives up to a position into a directory. It begins with the newest file there; an empty one ending in `.partial` says
 * which (PostgreSQL: pg_receivewal.c, FindStreamingStart; receivelog.c, open_walfile). It ends when it has more than
 * `--endpos` (stop_streaming), and a primary that writes nothing has not a byte more.
 */
export function receiveArgv(pgctl: string, service: string, { into, to }: { into: string; to: Lsn }): Argv {
  const program = `${dirname(pgctl)}/pg_receivewal`;
  return [
    program,
    '-D',
    into,
    '-d',
    `service=${service}`,
    `--endpos=${formatLsn(to - 1n)}`,
    '--no-loop',
    '--no-sync',
    '-w',
  ];
}

/** The words of a primary that no longer has the WAL it was asked for. */
export function readGone(stderr: string): string | undefined {
  return /requested WAL segment \S+ has already been removed/.exec(stderr)?.[0];
}
