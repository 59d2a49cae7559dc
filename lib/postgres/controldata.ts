// pg_controldata: what the control file says of a server that does not run.
// https://www.postgresql.org/docs/current/app-pgcontroldata.html
import { dirname } from 'node:path';
import { UnreadableAnswer, type Argv, type Result } from '../host/exec.ts';
import { parseLsn, type Lsn } from './lsn.ts';

/** `pgctl`: it lies beside pg_ctl. */
export function controlDataArgv(pgctl: string, data: string): Argv {
  return [`${dirname(pgctl)}/pg_controldata`, '-D', data];
}

/** True if the server ended after its shutdown checkpoint: what it had acknowledged is in its WAL, and on disk. */
export function wasShutDown(result: Result): boolean {
  const state = /^Database cluster state:\s+(\S.*)$/m.exec(result.stdout)?.[1];
  if (result.code !== 0 || state === undefined)
    throw new UnreadableAnswer('pg_controldata printed no "Database cluster state"');
  return state === 'shut down' || state === 'shut down in recovery';
}

/** Where the shutdown checkpoint of a server begins that ended as a primary: the last record of its WAL. */
export function shutdownCheckpoint({ stdout }: Result): Lsn | undefined {
  if (!/^Database cluster state:\s+shut down$/m.test(stdout)) return undefined;
  return parseLsn(/^Latest checkpoint location:\s+(\S+)$/m.exec(stdout)?.[1] ?? '');
}
