// A small disk for the WAL of a node, and how it is filled and freed.
import type { Stage } from '../scenarios/stage.ts';

const wal = '/var/lib/postgresql/15/main/pg_wal';
const place = '/srv/wal';
const filler = `${place}/filler`;

/** Little WAL is kept, so that a standby soon misses some, or more, so that it does not. */
export async function limitWal(
  sql: (text: string) => Promise<unknown>,
  kept: '16MB' | '160MB' = '16MB',
): Promise<void> {
  await sql(`alter system set wal_keep_size = '${kept}'`);
  await sql("alter system set max_wal_size = '64MB'");
  await sql("alter system set min_wal_size = '32MB'");
  await sql('select pg_reload_conf()');
}

/** Moves the WAL of a node that is not in the cluster to a disk of its own. */
export async function smallDisk(stage: Stage, node: string): Promise<void> {
  const script = `mountpoint -q ${place} && exit 0
mkdir -p ${place}; mount -t tmpfs -o size=400m tmpfs ${place}
cp -a ${wal} ${place}/pg_wal; rm -rf ${wal}; ln -s ${place}/pg_wal ${wal}; chown -h postgres: ${wal}`;
  await stage.must(node, ['sh', '-euc', script]);
}

/** Leaves nothing: a file of the size of what is free. */
export async function fillDisk(stage: Stage, node: string): Promise<void> {
  await stage.on(node, ['sh', '-c', `cat /dev/zero >${filler} 2>/dev/null; df ${place}`]);
}

export async function freeDisk(stage: Stage, node: string): Promise<void> {
  await stage.must(node, ['rm', '-f', filler]);
  await stage.on(node, ['sh', '-c', 'rm -f /var/lib/postgresql/tmp/PGSQL.lock']);
  await stage.on(node, ['crm_resource', '--cleanup', '--resource=postgresql-clone']);
}
