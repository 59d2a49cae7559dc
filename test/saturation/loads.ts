// What saturates a database server: no connection left, no processor free, a disk that takes no writes.
import { join } from 'node:path';
import { must, run } from '../testbed/processes.ts';
import { untilHealthy, type Stage } from '../scenarios/stage.ts';
import { expect, waitUntil } from '../scenarios/waiting.ts';

export const data = '/var/lib/postgresql/15/main';

export function shell(stage: Stage, node: string, script: string): Promise<string> {
  return stage.must(node, ['bash', '-euc', script], { timeoutMs: 400_000 });
}

const psql = 'runuser -u postgres -- env -C / psql -XAtq';

/** What a superuser is told who asks for a connection. */
async function refusal(stage: Stage, node: string): Promise<string> {
  return (await stage.on(node, ['sh', '-c', `${psql} -c 'select 1'`], { timeoutMs: 30_000 })).stderr;
}

/**
 * All of max_connections, with those reserved for superusers: one pgbench holds all but 16, and then 24 superusers fight for
 * these, so that whatever ends is taken at once.
 */
export async function takeAllConnections(stage: Stage, node: string, seconds: number): Promise<void> {
  const most = Number(await shell(stage, node, `${psql} -c 'show max_connections'`));
  const script = `cd /; echo 'select pg_sleep(${seconds})' >/tmp/hold.sql; chmod 644 /tmp/hold.sql
    hold() { runuser -u postgres -- "$@" >/dev/null 2>&1 || true; }
    hold timeout ${seconds} /usr/lib/postgresql/15/bin/pgbench -n -c ${most - 16} -t 1 -f /tmp/hold.sql postgres &
    end=$((SECONDS + ${seconds}))
    count="select count(*) from pg_stat_activity where application_name = 'pgbench'"
    until [ "$(${psql} -c "$count")" -ge ${most - 16} ] || [ $SECONDS -ge $end ]; do sleep 0.2; done
    for _ in $(seq 24); do
      while [ $SECONDS -lt $end ]; do hold timeout $((end - SECONDS)) psql -XAtqc 'select pg_sleep(${seconds})' postgres; done &
    done
    wait`;
  const holding = shell(stage, node, script);
  const full = async (): Promise<boolean> => (await refusal(stage, node)).includes('too many clients');
  try {
    await waitUntil('no connection is left', full, seconds / 2);
    stage.say(`no connection of ${most} is left, not even for a superuser`);
  } finally {
    await holding;
  }
}

/** Sixteen processes that calculate, on two processors. */
export async function takeAllProcessors(stage: Stage, node: string, seconds: number): Promise<void> {
  const script = `for _ in $(seq 16); do timeout ${seconds} sh -c 'while :; do :; done' & done; wait`;
  await shell(stage, node, `${script}; cut -d' ' -f1 /proc/loadavg`).then((load) =>
    stage.say(`load at the end: ${load.trim()}`),
  );
}

/** Gives the data directory of every node a file system of its own, on a loop device. The region is stopped for it. */
export async function giveOwnDisks(stage: Stage): Promise<void> {
  const [primary = ''] = (await untilHealthy(stage, 60)).promoted;
  await stage.must(primary, ['pcs', 'cluster', 'stop', stage.otherThan(primary)]);
  await stage.must(primary, ['pcs', 'cluster', 'stop', primary, '--force']);
  for (const node of stage.nodes) await giveOwnDisk(stage, node);
  await shell(stage, primary, 'pcs cluster start --all --wait=90');
  await untilHealthy(stage, 240);
}

async function giveOwnDisk(stage: Stage, node: string): Promise<void> {
  const image = join(stage.testbed.layout.dir, `data-of-${node}.img`);
  await must('truncate', ['--size=600M', image]);
  await must('mkfs.ext4', ['-q', '-F', image]);
  const device = (await must('losetup', ['--find', '--show', image])).trim();
  try {
    const script = `mknod -m 600 /dev/data-disk b 7 ${device.replace('/dev/loop', '')}
      mv ${data} ${data}.old; install -d -o postgres -g postgres -m 700 ${data}; mount /dev/data-disk ${data}
      rmdir ${data}/lost+found; cp -a ${data}.old/. ${data}/`;
    await shell(stage, node, script);
  } finally {
    // freed when the last mount of it is gone, also with a node that loses its power
    await run({ file: 'losetup', args: ['--detach', device] });
  }
}

/**
 * Freezes the file system of data and WAL (FIFREEZE): every write and fsync waits in the kernel, uninterruptible, as for
 * a storage array that takes no writes; what is cached can be read.
 */
export async function stallDisk(stage: Stage, node: string, seconds: number): Promise<void> {
  const stall = `trap 'fsfreeze -u ${data} || true' EXIT; fsfreeze -f ${data}; sleep ${seconds}`;
  const before = await flushed(stage, node);
  const stalling = shell(stage, node, stall);
  try {
    await waitUntil('a write waits for the disk', () => writerWaits(stage, node), seconds / 2);
    stage.say('a server process waits for the disk, in the kernel');
  } finally {
    await stalling.finally(() => stage.on(node, ['fsfreeze', '-u', data]));
  }
  await waitUntil('the server writes again', async () => (await flushed(stage, node)) !== before, 60);
}

function flushed(stage: Stage, node: string): Promise<string> {
  return shell(stage, node, `${psql} -c 'select pg_current_wal_flush_lsn()'`);
}

async function writerWaits(stage: Stage, node: string): Promise<boolean> {
  const { stdout } = await stage.on(node, ['ps', '-u', 'postgres', '-o', 'stat=,args=']);
  return /^D/m.test(stdout);
}

export type Steady = Readonly<{ checks: number; slowest: number; median: number }>;

/** The agent's monitor by hand, again and again, as crm_resource calls it: how long it takes, and that it is content. */
export async function watchMonitor(stage: Stage, node: string, work: Promise<unknown>): Promise<Steady> {
  const seconds: number[] = [];
  const state = { done: false };
  void work.catch(() => undefined).finally(() => (state.done = true));
  while (!state.done) {
    const start = performance.now();
    const { code, stdout, stderr } = await stage.on(node, ['crm_resource', '--resource=postgresql', '--force-check']);
    expect(code === 8 || code === 0, `monitor: exit code ${code}\n${stdout}${stderr}`);
    seconds.push((performance.now() - start) / 1000);
  }
  await work;
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
  return { checks: sorted.length, slowest: at(1), median: at(0.5) };
}
