// pg_ctl: starting and promoting. https://www.postgresql.org/docs/current/app-pg-ctl.html
// With -w it ends when the server is ready, or at once when its postmaster has died.
import type { Argv } from '../host/exec.ts';

export type Start = {
  readonly pgctl: string;
  readonly data: string;
  readonly logfile: string;
  /** Split at blanks, as a shell would have. */
  readonly ctlOptions: string;
  /** The options of the server, one text for pg_ctl's shell. */
  readonly serverOptions: string;
  readonly seconds: number;
  /** Not to wait until it is ready: whoever asks it next does. */
  readonly wait: boolean;
};

export function startArgv({ pgctl, data, logfile, ctlOptions, serverOptions, seconds, wait }: Start): Argv {
  const options = ctlOptions.split(/\s+/).filter(Boolean);
  const waiting = wait ? ['-w', '-t', `${seconds}`] : ['-W'];
  return [pgctl, ...options, '-D', data, '-l', logfile, '-o', serverOptions, ...waiting, 'start'];
}

export function promoteArgv({ pgctl, data, seconds }: Pick<Start, 'pgctl' | 'data' | 'seconds'>): Argv {
  return [pgctl, '-D', data, '-w', '-t', `${seconds}`, 'promote'];
}
