// pg_rewind: makes a former primary's data a copy of the new primary's, by what changed since the two parted.
// https://www.postgresql.org/docs/current/app-pgrewind.html
import { dirname } from 'node:path';
import { UnreadableAnswer, type Argv, type Result } from '../host/exec.ts';
import { lastWords } from './client-words.ts';
import { parseLsn, type Lsn } from './lsn.ts';

type Where = { readonly pgctl: string; readonly data: string };

/** `service`: in a service file; a connection string would show its password to everybody. */
export function rewindArgv({ pgctl, data }: Where, service: string): Argv {
  return [`${dirname(pgctl)}/pg_rewind`, '-D', data, `--source-server=service=${service}`, '--progress'];
}

/** The same, but it only says from where. */
export function rewindDryArgv(where: Where, service: string): Argv {
  return [...rewindArgv(where, service), '--dry-run'];
}

/** The checkpoint from which on all WAL of the former primary is read: what was changed is found there. */
export function readLastCommon({ code, stdout, stderr }: Result): { readonly at: Lsn; readonly timeline: number } {
  const said = `${stdout}\n${stderr}`;
  const [, text = '', timeline = ''] = /last common checkpoint at (\S+) on timeline (\d+)/.exec(said) ?? [];
  const at = parseLsn(text);
  if (code !== 0 || at === undefined) throw new UnreadableAnswer(`pg_rewind: ${lastWords(stderr)}`);
  return { at, timeline: Number(timeline) };
}

/** True if another time may end otherwise: in libpq's and this system's own words, which are asked for in the C locale. */
export function isPassing({ stderr, failure }: Result): boolean {
  return failure !== undefined || /could not connect|connection to server|server closed|No space left/i.test(stderr);
}

/** Recovers a crashed server and shuts it down: pg_rewind wants it so. It ends by itself, since its input is empty. */
export function singleUserArgv({ pgctl, data }: Where, config: string): Argv {
  return [`${dirname(pgctl)}/postgres`, '--single', '-D', data, '-c', `config_file=${config}`, 'template1'];
}
