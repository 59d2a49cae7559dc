// pg_controldata: what the control file says of a server that does not run.
// https://www.postgresql.org/docs/current/app-pgcontroldata.html
import { dirname } from 'node:path';
import { UnreadableAnswer, type Argv, type Result } from '../host/exec.ts';
import { parseLsn, type Lsn } from './lsn.ts';

export type ControlData = {
  readonly systemId: string;
  readonly state: string;
  /** Where the last checkpoint's record begins. */
  readonly checkpoint: Lsn;
  readonly timeline: number;
  /** How far a standby's data files may be ahead; 0 on a primary. */
  readonly minRecoveryEnd: Lsn;
  readonly minRecoveryTimeline: number;
  /** What pg_rewind needs to see every changed block: wal_log_hints or checksums. */
  readonly rewindable: boolean;
  readonly segmentBytes: number;
  readonly blockBytes: number;
};

/** `pgctl`: it lies beside pg_ctl. */
export function controlDataArgv(pgctl: string, data: string): Argv {
  return [`${dirname(pgctl)}/pg_controldata`, '-D', data];
}

/** Throws `UnreadableAnswer` naming the line that is missing, or is not what it must be. */
export function readControlData(result: Result): ControlData {
  if (result.code !== 0)
    throw new UnreadableAnswer(`pg_controldata: ${result.failure ?? result.stderr.trim().slice(0, 200)}`);
  // A control file that does not pass its checksum is printed all the same.
  if (/CRC checksum does not match/i.test(result.stdout + result.stderr))
    throw new UnreadableAnswer('pg_controldata: the control file is damaged');
  const number = (label: string): number => {
    const value = Number(field(result, label, /^\d{1,10}$/));
    return Number.isSafeInteger(value) ? value : missing(label);
  };
  const lsn = (label: string): Lsn => parseLsn(field(result, label, /^\S+$/)) ?? missing(label);
  return {
    systemId: field(result, 'Database system identifier', /^\d{1,20}$/),
    state: field(result, 'Database cluster state', /^[a-z ]+$/),
    checkpoint: lsn('Latest checkpoint location'),
    timeline: number("Latest checkpoint's TimeLineID"),
    minRecoveryEnd: lsn('Minimum recovery ending location'),
    minRecoveryTimeline: number("Min recovery ending loc's timeline"),
    rewindable:
      field(result, 'wal_log_hints setting', /^(on|off)$/) === 'on' || number('Data page checksum version') > 0,
    segmentBytes: number('Bytes per WAL segment') || missing('Bytes per WAL segment'),
    blockBytes: number('WAL block size') || missing('WAL block size'),
  };
}

function field({ stdout }: Result, label: string, form: RegExp): string {
  const line = stdout.split('\n').find((text) => text.startsWith(`${label}:`));
  const value = line?.slice(label.length + 1).trim();
  return value !== undefined && form.test(value) ? value : missing(label);
}

function missing(label: string): never {
  throw new UnreadableAnswer(`pg_controldata printed no usable "${label}"`);
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
