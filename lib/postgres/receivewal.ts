// pg_receivewal: a stretch of the primary's WAL, to compare. https://www.postgresql.org/docs/current/app-pgreceivewal.html
import { dirname } from 'node:path';
import type { Argv } from '../host/exec.ts';
import { formatLsn, type Lsn } from './lsn.ts';

/**
 * Receives up to a position into a directory. It begins with the newest file there; an empty one ending in `.partial` says
 * which (PostgreSQL: pg_receivewal.c, FindStreamingStart; receivelog.c, open_walfile).
 */
export function receiveArgv(pgctl: string, service: string, { into, to }: { into: string; to: Lsn }): Argv {
  const program = `${dirname(pgctl)}/pg_receivewal`;
  return [program, '-D', into, '-d', `service=${service}`, `--endpos=${formatLsn(to)}`, '--no-loop', '--no-sync', '-w'];
}
