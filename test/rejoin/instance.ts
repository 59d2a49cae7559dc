// Cheap servers: one data directory is initialised in a run and copied, with WAL files of 1 MB.
import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Rig } from '../differential/side.ts';

const run = promisify(execFile);

export type Instance = { readonly name: string; readonly folder: string; readonly data: string; readonly rig: Rig };
export type Said = { readonly code: number; readonly out: string; readonly err: string };

/** Each in a folder of its own, where its socket is; all have the same port. */
export const port = 5432;

export async function postgres(rig: Rig, argv: readonly [string, ...string[]]): Promise<Said> {
  const [program, ...args] = argv;
  const command = ['-u', 'postgres', '--', join(rig.programs, program), ...args];
  const running = run('runuser', command, { cwd: '/', maxBuffer: 1 << 28 });
  running.child.stdin?.end(); // postgres --single reads it
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, out: stdout, err: stderr };
    },
  );
}

export async function must(rig: Rig, argv: readonly [string, ...string[]]): Promise<string> {
  const { code, out, err } = await postgres(rig, argv);
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${err}`);
  return out;
}

const settings = (folder: string): string => `
unix_socket_directories = '${folder}'
wal_keep_size = 64MB
full_page_writes = on
max_wal_size = 16MB
recovery_target_timeline = 'latest'
`;

/** A copy of a data directory: the base's, or that of an instance as it is on disk at this moment. */
export async function copied(rig: Rig, name: string, from: { data: string; root: string }): Promise<Instance> {
  const folder = join(from.root, name);
  const data = join(folder, 'data');
  await run('install', ['-d', '-o', 'postgres', '-m', '700', folder]);
  // A running server's files come and go.
  await run('cp', ['-a', '--reflink=auto', from.data, data]).catch(() => undefined);
  for (const file of ['postmaster.pid', 'postmaster.opts']) rmSync(join(data, file), { force: true });
  appendFileSync(join(data, 'postgresql.conf'), settings(folder));
  return { name, folder, data, rig };
}

export const isUp = ({ data }: Instance): boolean => existsSync(join(data, 'postmaster.pid'));

export async function start(instance: Instance): Promise<boolean> {
  const { rig, data, folder } = instance;
  const { code } = await postgres(rig, ['pg_ctl', '-D', data, '-l', join(folder, 'log'), '-w', '-t', '30', 'start']);
  return code === 0;
}

export async function stop(instance: Instance, mode: 'fast' | 'immediate'): Promise<void> {
  if (isUp(instance)) await postgres(instance.rig, ['pg_ctl', '-D', instance.data, '-m', mode, '-w', 'stop']);
}

/** Makes it a standby of another from its next start on. */
export function follow(instance: Instance, primary: Instance): void {
  const file = join(instance.data, 'postgresql.conf');
  const others = readFileSync(file, 'utf8').replaceAll(/^primary_conninfo.*\n/gm, '');
  writeFileSync(file, `${others}primary_conninfo = 'host=${primary.folder} user=postgres'\n`);
  writeFileSync(join(instance.data, 'standby.signal'), '');
}

export async function promote({ rig, data }: Instance): Promise<boolean> {
  return (await postgres(rig, ['pg_ctl', '-D', data, '-w', '-t', '30', 'promote'])).code === 0;
}

export async function sql<R extends pg.QueryResultRow>(instance: Instance, text: string): Promise<R[]> {
  const client = new pg.Client({
    host: instance.folder,
    port,
    user: 'postgres',
    database: 'postgres',
    query_timeout: 20_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The whole directory, to try something destructive on. */
export function spare(instance: Instance): string {
  const copy = join(instance.folder, 'spare');
  rmSync(copy, { recursive: true, force: true });
  execFileSync('cp', ['-a', instance.data, copy]); // with its owner, which cpSync does not keep
  return copy;
}
