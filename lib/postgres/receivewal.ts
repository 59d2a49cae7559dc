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

/**
 * That the primary no longer has a segment it was asked for; undefined: it does not say so. pg_receivewal shows no SQLSTATE, and
 * the primary speaks its own language, which a replicator may not choose: what stands in every language is read. This error
 * alone has a bare segment name and no other figure (walsender.c, WalSndSegmentOpen; xlogreader.c has a path or an offset too).
 * libpq writes two blanks after the severity.
 */
export function readGone(stderr: string): string | undefined {
  const [, said = ''] = /: [^\s:]+: {2}([^\n]*)/.exec(stderr) ?? [];
  const figures = said.match(/[\w./]*\d[\w./]*/g) ?? [];
  const [name = ''] = figures;
  return figures.length === 1 && /^[0-9A-F]{24}$/.test(name) ? `it no longer has the WAL segment ${name}` : undefined;
}
