// pg_basebackup: a copy of a running server. https://www.postgresql.org/docs/current/app-pgbasebackup.html
// And psql, for what has to be known of the source before.
import { dirname } from 'node:path';
import { UnreadableAnswer, type Argv, type Result } from '../host/exec.ts';
import { lastWords } from './client-words.ts';

/** Into a directory that is empty. It writes everything to the disk before it ends. */
export function copyArgv(pgctl: string, service: string, into: string): Argv {
  const program = `${dirname(pgctl)}/pg_basebackup`;
  return [program, '-D', into, '-d', `service=${service}`, '-X', 'stream', '-c', 'fast', '-w', '--progress'];
}

export type Amount = { readonly done: number; readonly total: number };

/** The last line of `--progress`, of pg_basebackup and pg_rewind alike: `  1234/5678 kB (21%), …`. In bytes. */
export function readProgress(text: string): Amount | undefined {
  const found = [...text.matchAll(/(\d+)\/\s*(\d+) kB \(/g)].at(-1);
  return found === undefined ? undefined : { done: Number(found[1]) * 1024, total: Number(found[2]) * 1024 };
}

export type SourceAnswer = {
  /** Of the default tablespace: all data but the cluster's own small tables. */
  readonly bytes: number;
  /** Of users: pg_basebackup would put them where the source has them. */
  readonly tablespaces: readonly string[];
};

const sourceSql = `select pg_tablespace_size('pg_default'),
 coalesce((select string_agg(spcname, ' ' order by spcname) from pg_tablespace where spcname not in ('pg_default', 'pg_global')), '')`;

export function sourceArgv(psql: string, service: string): Argv {
  return [psql, '-XAtq', '-d', `service=${service}`, '-c', sourceSql];
}

export function readSource({ code, stdout, stderr, failure }: Result): SourceAnswer {
  const [, bytes, names = ''] = /^(\d{1,15})\|(.*)$/m.exec(stdout) ?? [];
  if (code !== 0 || bytes === undefined)
    throw new UnreadableAnswer(`the primary did not say how large it is: ${failure ?? lastWords(stderr)}`);
  return { bytes: Number(bytes), tablespaces: names.split(' ').filter(Boolean) };
}
