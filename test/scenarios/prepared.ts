// A region for which everything is prepared that can be: disks for the data, a shared WAL archive, routes, logrotate.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectRefusal } from './bad-input.ts';
import { withDisks, type Disk } from './disks.ts';
import type { Scenario } from './scenario.ts';
import { untilHealthy, type Stage } from './stage.ts';
import { expect, waitUntil } from './waiting.ts';

const archive = '{ directory: /srv/wal, mount: { from: /dev/archive, type: ext4 } }';

function prepared(text: string, device = '/dev/data'): string {
  return text
    .replace('fencing:\n', `storage: { device: ${device} }\nfencing:\n`)
    .replace('postgres:\n', `postgres:\n  log: { rotate: logrotate, keep: 30 }\n  archive: ${archive}\n`)
    .replace(/(name: db1, address: [\d.]+)/, '$1, routes: [{ to: 10.19.8.0/21, via: 10.77.0.1 }]');
}

/** Runs bootstrap with a file of its own beside the right one. */
async function run(stage: Stage, text: string, ...more: readonly string[]) {
  const path = join(stage.region.folder, 'prepared.yaml');
  writeFileSync(path, text);
  const { code, stdout, stderr } = await stage.on('admin', [stage.cfha, 'bootstrap', path, ...more]);
  return { code, text: stdout + stderr };
}

const print = ({ file }: Disk) => ['sh', '-c', 'sha256sum <"$1"', 'print', file];

/** Somebody's disk is offered: it is refused with what is on it, and not a byte of it is changed. */
async function refusesSomebodys(stage: Stage, disk: Disk): Promise<void> {
  const before = await stage.must('admin', print(disk));
  const says = [/STORAGE_NOT_BLANK/, /db2: \/dev\/data is not blank: ext4 precious/];
  await expectRefusal(stage, () => run(stage, prepared(stage.region.text)), says);
  expect((await stage.must('admin', print(disk))) === before, 'somebody’s disk was changed');
  stage.say(
    '| STORAGE_NOT_BLANK      | a disk with somebody’s file system on it  | db2: /dev/data is not blank: ext4 precious',
  );
}

const sql = (query: string) => ['runuser', '-u', 'postgres', '--', 'psql', '-XAtqc', query];

/** A segment that the primary archives is seen on the other node, which has mounted the same file system. */
async function archives(stage: Stage): Promise<void> {
  const [first, second] = stage.nodes;
  const name = (await stage.must(first, sql('SELECT pg_walfile_name(pg_current_wal_lsn())'))).trim();
  await stage.must(first, sql('CREATE TABLE t (); SELECT pg_switch_wal()'));
  const seen = async () => (await stage.must(second, ['ls', '-R', '/srv/wal'])).includes(name);
  await waitUntil(`${name} is in the archive`, seen, 30);
  // Exit code 3: so small an archive is soon full.
  const status = (await stage.on(second, ['cfha', 'wal', 'status'])).stdout;
  expect(/gaps: +none/.test(status), status);
}

/** Where the data are, what the log is, what is routed. */
async function isPrepared(stage: Stage): Promise<void> {
  for (const node of stage.nodes) {
    const mounted = await stage.must(node, ['findmnt', '-n', '-o', 'FSTYPE,SOURCE', '-T', '/var/lib/postgresql/15/main']);
    expect(/^ext4 +\/dev\/loop/.test(mounted), `${node}: the data are on ${mounted}`);
    await stage.must(node, ['logrotate', '-f', '/etc/logrotate.d/cfha-postgresql']);
    const logs = await stage.must(node, ['sh', '-c', 'ls /var/lib/postgresql/15/main/log']);
    expect(/^postgresql\.log\npostgresql\.log\.1$/m.test(logs), `${node}: the log was not rotated:\n${logs}`);
  }
  const routes = await stage.must(stage.nodes[0], ['ip', 'route']);
  expect(routes.includes('10.19.8.0/21 via 10.77.0.1'), `no route:\n${routes}`);
} // prettier-ignore

async function play(stage: Stage): Promise<void> {
  const [first, second] = stage.nodes;
  await withDisks(stage, async ({ make, attach }) => {
    const text = prepared(stage.region.text);
    const somebodys = await make({ name: 'somebodys', size: '3G', filesystem: ['-L', 'precious'] });
    await attach(first, await make({ name: 'data1', size: '3G' }), 'data');
    await attach(second, somebodys, 'data');
    const shared = await make({ name: 'archive', size: '1G', filesystem: [] });
    await attach(first, shared, 'archive');
    await attach(second, await make({ name: 'other', size: '1G', filesystem: [] }), 'archive');
    await refusesSomebodys(stage, somebodys);

    await attach(second, await make({ name: 'data2', size: '3G' }), 'data');
    const apart = await run(stage, text);
    expect(apart.code === 1 && apart.text.includes('db2: /srv/wal is not the archive that db1 sees'), apart.text);
    stage.say('an archive of its own on db2 is refused: it is not the archive that db1 sees');

    await stage.must(second, ['umount', '/srv/wal']);
    await attach(second, shared, 'archive');
    const made = await run(stage, text);
    expect(made.code === 0, `exit code ${made.code}\n${made.text}`);
    await untilHealthy(stage, 30);
    await archives(stage);
    await isPrepared(stage);
    const check = await run(stage, text, '--check');
    expect(check.code === 0, `--check: exit code ${check.code}\n${check.text}`);
    const again = await run(stage, text);
    expect(again.text.includes('nothing was executed'), `second run:\n${again.text}`);

    for (const node of stage.nodes) await attach(node, await make({ name: `late-${node}`, size: '64M' }), 'late');
    const late = await run(stage, prepared(stage.region.text, '/dev/late'));
    const says = 'db1: there are data already, which are not on /dev/late';
    expect(late.code === 2 && late.text.includes('STORAGE_LATE') && late.text.includes(says), late.text);
    stage.say(`| STORAGE_LATE           | another disk for a region that runs       | ${says}`);
  });
}

export const preparing: Scenario = {
  name: 'servers with disks, a WAL archive, routes and logrotate: all is prepared, and somebody’s disk is not touched',
  from: 'bare',
  core: false,
  ends: 'otherwise',
  play,
};
