// The history of a timeline that is not the primary's lies in the archive: a copy of the data was promoted beside the cluster.
import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ourAgent } from '../../differential/programs.ts';
import { configure, monitor, transition, vip } from '../../differential/scenario.ts';
import { crash } from '../../differential/servers.ts';
import { must, promote, start, stop, type Instance } from '../../rejoin/instance.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import type { Cluster } from '../servers.ts';

const ours = (action: string): string => `${ourAgent().replace(/cfpgsql$/, 'cfha')} wal ${action}`;

/** With an archive that n1 writes and n2 reads; `restore`: the command for a file. */
async function archived(pair: Cluster): Promise<string> {
  const { side } = pair;
  const archive = join(side.root, 'archive');
  mkdirSync(archive, { recursive: true });
  chownSync(archive, side.rig.owner.uid, side.rig.owner.gid);
  const init = [...ours('init').split(' '), '--directory', archive, '--data', pair.data('n1')];
  execFileSync('runuser', ['-u', 'postgres', '--', ...init]);
  const command = `archive_command = '${ours('archive')} %p %f --directory ${archive}'`;
  for (const node of ['n1', 'n2']) await pair.does(configure(node, 'archive_mode = on'), configure(node, command));
  await pair.replicates();
  return archive;
}

/** A copy of n1 as it is, promoted: an exercise of a restore, on the same archive. */
async function promoteCopy(pair: Cluster, folder: string): Promise<Instance> {
  const { rig } = pair.side;
  const copy: Instance = { name: 'copy', folder: join(folder, 'copy'), data: join(folder, 'copy/data'), rig };
  mkdirSync(copy.folder);
  chownSync(copy.folder, rig.owner.uid, rig.owner.gid);
  await must(rig, ['pg_basebackup', '-D', copy.data, '-h', pair.sockets('n1'), '-c', 'fast']);
  appendFileSync(
    join(copy.data, 'postgresql.conf'),
    `unix_socket_directories = '${copy.folder}'\nprimary_conninfo = ''\nrestore_command = ''\nlisten_addresses = ''\n`,
  );
  writeFileSync(join(copy.data, 'standby.signal'), '');
  expect(await start(copy), 'the copy does not start');
  expect(await promote(copy), 'the copy is not promoted');
  return copy;
}

const count = async (pair: Cluster, node: string): Promise<number> =>
  Number((await pair.ask<{ n: string }>(node, 'select count(*)::text as n from r'))[0]?.n);

async function write(pair: Cluster, rows: number): Promise<void> {
  for (let n = 0; n < rows; n++) await pair.ask('n1', 'insert into r values (1)');
  await pair.ask('n1', 'select pg_switch_wal()');
  await pair.ask('n1', 'checkpoint');
}

async function follows(pair: Cluster, rows: number): Promise<void> {
  const has = async () => (await count(pair, 'n2').catch(() => -1)) === rows;
  await waitUntil(`n2 has ${rows} rows`, has, 20);
  const [row] = await pair.ask<{ n: number }>('n2', `select count(*)::int as n from pg_stat_wal_receiver where status = 'streaming'`); // prettier-ignore
  expect(row?.n === 1, 'n2 does not stream');
}

const byOurs: ServersCase = {
  number: 6,
  kind: 4,
  setup: 'servers',
  title: 'the history of a foreign timeline in the archive stops no start, and its number is not taken by a promotion',
  before: 'Each start of a standby died with "requested timeline 3 is not a child of this server’s history".',
  core: true,
  play: async ({ cluster, folder }) => {
    const pair = await cluster({
      parameters: { restore_command: `${ours('restore')} --directory @side/archive %f %p` },
    });
    const archive = await archived(pair);
    await pair.ask('n1', 'create table r (n int)');
    await pair.must(0, ...transition('stop', 'n2'));
    await write(pair, 3);
    const copy = await promoteCopy(pair, folder);
    try {
      await waitUntil('the copy has archived its history', () => Promise.resolve(existsSync(join(archive, '00000003.history'))), 20); // prettier-ignore
    } finally {
      await stop(copy, 'fast');
    }
    await write(pair, 3);
    await pair.must(0, ...transition('start', 'n2')); // behind the fork: its own data would follow either
    await follows(pair, 6);
    await write(pair, 3);
    await pair.must(0, ...transition('stop', 'n2'), ...transition('start', 'n2')); // beyond the fork
    await follows(pair, 9);
    await crash(pair.side, 'n1');
    await pair.must(7, monitor('n1'));
    await pair.must(0, ...transition('demote', 'n1'), ...transition('stop', 'n1'));
    await pair.must(0, ...transition('promote', 'n2'), vip('n2'));
    const { timeline } = await pair.look('n2');
    expect(timeline === '00000004', `n2 is on timeline ${String(timeline)}, and not on 4`);
    return 'Behind and beyond the fork the standby starts and streams; promoted, it takes timeline 4, so that its own history can be archived.';
  },
};

const byOthers: ServersCase = {
  number: 6,
  kind: 4,
  setup: 'servers',
  title: 'with another restore_command the start that dies of a foreign history names it and tells what to do',
  before: 'The exit reason was SERVER_DIED: the server did not start.',
  core: false,
  play: async ({ cluster, folder }) => {
    const pair = await cluster({ parameters: { restore_command: 'cp @side/archive/%f %p' } });
    const archive = await archived(pair);
    await pair.ask('n1', 'create table r (n int)');
    const copy = await promoteCopy(pair, folder);
    try {
      await waitUntil('the copy has archived its history', () => Promise.resolve(existsSync(join(archive, '00000003.history'))), 20); // prettier-ignore
    } finally {
      await stop(copy, 'fast');
    }
    await write(pair, 3);
    await follows(pair, 3);
    await pair.must(0, ...transition('stop', 'n2'));
    await pair.does(...transition('start', 'n2'));
    const said = /\[FOREIGN_HISTORY\][^\n]*/.exec(pair.printed('n2'))?.[0];
    expect(said !== undefined, `no word of it: ${pair.printed('n2').slice(-2000)}`);
    expect(said.includes('pg_wal/00000003.history'), said);
    renameSync(join(archive, '00000003.history'), join(folder, 'foreign'));
    await pair.must(0, ...transition('start', 'n2'));
    await follows(pair, 3);
    return 'The exit reason is FOREIGN_HISTORY with the name of the file; out of the archive, the next start streams.';
  },
};

export const cases: readonly ServersCase[] = [byOurs, byOthers];
