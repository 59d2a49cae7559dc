// An archive and servers that use it through the built executable.
import { execFile } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSegment } from '../../lib/postgres/wal-files.ts';
import { ourAgent } from '../differential/programs.ts';
import type { Rig } from '../differential/side.ts';
import { copied, postgres, sql, start, stop, type Instance } from '../rejoin/instance.ts';

export type Site = { readonly rig: Rig; readonly root: string; readonly archive: string; readonly servers: Instance[] };

export const cfha = (): string => ourAgent().replace(/cfpgsql$/, 'cfha');

export function makeSite(rig: Rig, name: string): Site {
  const root = join(rig.root, name);
  const archive = join(root, 'archive');
  for (const folder of [root, archive]) {
    mkdirSync(folder);
    chownSync(folder, rig.owner.uid, rig.owner.gid);
  }
  return { rig, root, archive, servers: [] };
}

export async function endSite({ root, servers }: Site): Promise<void> {
  for (const one of servers) await stop(one, 'immediate').catch(() => undefined);
  rmSync(root, { recursive: true, force: true });
}

const settings = (archive: string): string => `
archive_mode = on
archive_command = '${cfha()} wal archive %p %f --directory ${archive}'
restore_command = '${cfha()} wal restore %f %p --directory ${archive}'
wal_keep_size = 0
min_wal_size = 2MB
max_wal_size = 4MB
`;

/** A server with this archive; from the common data directory, or from the files of another that is stopped. */
export async function server(site: Site, name: string, from?: Instance): Promise<Instance> {
  const one = await copied(site.rig, name, { data: from?.data ?? site.rig.base, root: site.root });
  appendFileSync(join(one.data, 'postgresql.conf'), settings(site.archive));
  site.servers.push(one);
  return one;
}

export async function primary(site: Site): Promise<Instance> {
  const one = await server(site, 'primary');
  await must(site, ['init', '--data', one.data]);
  await started(one);
  await sql(one, 'create table t (n int)');
  return one;
}

export async function started(one: Instance): Promise<void> {
  if (!(await start(one))) throw new Error(`${one.name} does not start`);
}

export type Said = { readonly code: number; readonly out: string; readonly err: string };

/** cfha wal …, as the server's user, or as root. */
export function wal(site: Site, args: readonly string[], as: 'postgres' | 'root' = 'postgres'): Promise<Said> {
  const own = [cfha(), 'wal', ...args, '--directory', site.archive];
  const [program, ...rest] = as === 'root' ? own : ['runuser', '-u', 'postgres', '--', ...own];
  return new Promise((resolve) =>
    execFile(program ?? '', rest, { cwd: '/' }, (error, out, err) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 126, out, err }),
    ),
  );
}

export async function must(site: Site, args: readonly string[]): Promise<string> {
  const { code, out, err } = await wal(site, args);
  if (code !== 0) throw new Error(`cfha wal ${args.join(' ')} answered ${code}: ${err}`);
  return out;
}

/** Fills segments, each with a row that says which it was. */
export async function fill(one: Instance, segments: number, from = 1): Promise<void> {
  for (let n = from; n < from + segments; n++)
    await sql(one, `begin; insert into t values (${n}); commit; select pg_switch_wal()`);
}

export const rows = async (one: Instance): Promise<number> =>
  (await sql<{ n: string }>(one, 'select count(*)::text as n from t')).map(({ n }) => Number(n))[0] ?? -1;

export const segmentsIn = (directory: string): string[] =>
  readdirSync(directory).filter(isSegment).sort(); // prettier-ignore

export const unfinishedIn = (directory: string): string[] =>
  readdirSync(directory).filter((name) => name.endsWith('.cfha-new'));

export const sizeIn = (directory: string, name: string): number => statSync(join(directory, name)).size;

export const isThere = existsSync;

/** Waits until it is so; what is waited for is in the error. */
export async function until(what: string, is: () => Promise<boolean> | boolean, seconds = 20): Promise<void> {
  const limit = performance.now() + seconds * 1000;
  while (!(await is())) {
    if (performance.now() > limit) throw new Error(`${what}: not after ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** All that was switched away from is archived. */
export async function untilArchived(one: Instance): Promise<void> {
  const question = `select count(*)::int as n from pg_ls_archive_statusdir() where name like '%.ready'`;
  await until('all is archived', async () => (await sql<{ n: number }>(one, question))[0]?.n === 0);
}

export async function backup(one: Instance, to: string): Promise<void> {
  const { code, err } = await postgres(one.rig, [
    'pg_basebackup',
    '-D',
    to,
    '-h',
    one.folder,
    '-c',
    'fast',
    '-X',
    'none',
  ]);
  if (code !== 0 && !err.includes('NOTICE')) throw new Error(err);
}
