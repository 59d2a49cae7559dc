// Data directories to start from, made once in a run and copied for every node.
import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Fast and quiet: nothing here has to survive a power cut, and nothing writes WAL by itself. */
const settings = `
listen_addresses = ''
fsync = off
full_page_writes = off
shared_buffers = 4MB
max_connections = 30
wal_level = replica
max_wal_senders = 8
max_replication_slots = 8
hot_standby = on
wal_keep_size = 32MB
min_wal_size = 2MB
max_wal_size = 64MB
wal_retrieve_retry_interval = 150ms
wal_receiver_status_interval = 1s
autovacuum = off
checkpoint_timeout = 1h
log_min_messages = warning
log_line_prefix = '%t [%p] '
`;

const access = 'local all all trust\nlocal replication all trust\n';

export type Owner = { readonly uid: number; readonly gid: number };

/** The operating system user that owns the servers. */
export function postgresUser(): Owner {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** One initialised data directory under `root`, small: WAL segments of 1 MB. */
export function initialise(root: string, programs: string): string {
  const base = join(root, 'base');
  if (existsSync(base)) return base;
  mkdirSync(root, { recursive: true });
  chmodSync(root, 0o755);
  const making = join(root, 'making');
  mkdirSync(making);
  execFileSync('chown', ['postgres:', making]);
  const initdb = `${programs}/initdb -D ${making}/data -A trust -U postgres -N --wal-segsize=1 --locale=C -E UTF8 -k`;
  execFileSync('runuser', ['postgres', '-c', `cd / && ${initdb}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  const data = join(making, 'data');
  writeFileSync(join(data, 'postgresql.conf'), settings);
  writeFileSync(join(data, 'pg_hba.conf'), access);
  // Once started and stopped, the control file has these settings: a standby compares them with its own.
  const control = (words: string) =>
    execFileSync('runuser', ['postgres', '-c', `cd / && ${programs}/pg_ctl -D ${data} -w ${words}`], {
      stdio: 'ignore',
    });
  control(`-l ${making}/log -o '-k ${making}' start`);
  control('-m fast stop');
  execFileSync('mv', [data, base]);
  return base;
}

/** A node's data directory, with the socket directory it listens in. */
export async function copyBase(base: string, data: string, sockets: string): Promise<void> {
  await run('cp', ['-a', '--reflink=auto', base, data]);
  appendFileSync(join(data, 'postgresql.conf'), `unix_socket_directories = '${sockets}'\n`);
}
