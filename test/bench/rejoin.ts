// A diverged former primary, from its agent's start until it streams: rewound by ours, and as the reference has it done by
// hand, copied anew (C.4). The cost must grow with the divergence, not with the data.
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { act, configure, join_, leave, transition, vip, type Step } from '../differential/scenario.ts';
import { pair } from '../differential/scenarios/golden.ts';
import { ask, baseBackup, crash, endServers, settle } from '../differential/servers.ts';
import { dataFolder, makeSide, nodeFolder, socketFolder, type Rig, type Side } from '../differential/side.ts';
import { makeRig } from '../differential/rig.ts';
import { figure, type Figure, type Goal, type Report } from './figures.ts';

const goal: Goal = { text: 'ours at most 30 s', met: ({ ours }) => ours <= 30 };

/** What a server with this much data would have: nothing of the rig's haste. */
const settings = [
  'fsync = on',
  'full_page_writes = on',
  'shared_buffers = 128MB',
  'max_wal_size = 1GB',
  'wal_keep_size = 256MB',
];

type Options = { readonly gigabytes: readonly number[]; readonly say: (line: string) => void };

/** For each size in gigabytes: seconds from the start of the former primary until it streams. */
export async function benchRejoin({ gigabytes, say }: Options): Promise<Report> {
  const root = mkdtempSync('/var/tmp/cfb-');
  try {
    const rig = makeRig(root);
    const figures: Figure[] = [];
    for (const size of gigabytes) figures.push(await measure(rig, size, say));
    return { bench: 'rejoin', figures };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function measure(rig: Rig, size: number, say: Options['say']): Promise<Figure> {
  const root = join(rig.root, 'ours');
  const parameters = pair('async', { rejoin: 'rewind', config: '@node/postgresql.conf' });
  const side = await makeSide({ rig, agent: 'ours', root, nodes: ['n1', 'n2'], parameters });
  try {
    say(`${size} GB: filling`);
    await play(
      side,
      ['n1', 'n2'].flatMap((node) => settings.map((line) => configure(node, line))),
    );
    for (const node of side.nodes) moveConfiguration(side, node);
    await play(side, transition('start', 'n1', { exit: 0 }));
    await play(side, transition('promote', 'n1', { exit: 0 }));
    await fill(side, size);
    await baseBackup(side, 'n1', 'n2');
    await play(side, [vip('n1'), ...transition('start', 'n2', { exit: 0 })]);
    await settle(side, 120_000);
    await diverge(side);
    say(`${size} GB: rewinding`);
    const ours = await seconds(side, () => play(side, [act('start', 'n1', { exit: 0, limitMs: 600_000 })]));
    say(`${size} GB: copying`);
    await crash(side, 'n1');
    const theirs = await seconds(side, async () => {
      await baseBackup(side, 'n2', 'n1');
      await play(side, [act('start', 'n1', { exit: 0 })]);
    });
    return figure({ name: `${size} GB, 1 MB diverged, until it streams`, unit: 's', goal }, [ours], [theirs]);
  } finally {
    await endServers(side);
    rmSync(root, { recursive: true, force: true });
  }
}

/** To where it is not part of the data, as on Debian: it names what belongs to this node, and pg_rewind replaces all data. */
function moveConfiguration(side: Side, node: string): void {
  copyFileSync(join(dataFolder(side, node), 'postgresql.conf'), join(nodeFolder(side, node), 'postgresql.conf'));
}

const rowsInGigabyte = 850_000;

/** Rows of 1 kB, and an index. */
async function fill(side: Side, size: number): Promise<void> {
  await must(side, 'n1', 'create table t (id int, pad text) with (fillfactor = 90)');
  const rows = `select i, repeat(md5(i::text), 32) from generate_series(1, ${size * rowsInGigabyte}) i`;
  await must(side, 'n1', `alter table t alter pad set storage plain; insert into t ${rows}`);
  await must(side, 'n1', 'create index on t (id)');
  await must(side, 'n1', 'checkpoint');
}

/** n1 writes what n2 does not get, loses its power, and n2 is promoted and written to. */
async function diverge(side: Side): Promise<void> {
  await must(side, 'n1', 'checkpoint');
  await play(side, [act('stop', 'n2', { exit: 0 })]);
  const [before] = await must<{ lsn: string }>(side, 'n1', 'select pg_current_wal_lsn() as lsn');
  await must(side, 'n1', 'update t set id = id where id % 4000 = 1 and id < 850000');
  const [after] = await must<{ bytes: string }>(
    side,
    'n1',
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), '${before?.lsn ?? ''}') as bytes`,
  );
  if (Number(after?.bytes) < 1e6) throw new Error(`only ${after?.bytes ?? 'no'} bytes diverge`);
  await play(side, [leave('n1'), vip(undefined), act('start', 'n2', { exit: 0 })]);
  await play(side, [...transition('promote', 'n2', { exit: 0 }), vip('n2')]);
  await must(side, 'n2', 'update t set id = id where id % 4000 = 2 and id < 850000');
  await must(side, 'n2', 'checkpoint');
  await play(side, [join_('n1')]);
}

async function play(side: Side, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const code = await step.run(side);
    if (step.ours !== undefined && code !== step.ours)
      throw new Error(`${step.says}: exit code ${String(code)}; ${lastWords(side)}`);
  }
}

function lastWords(side: Side): string {
  return side.nodes
    .map((node) => readFileSync(join(nodeFolder(side, node), 'agent.log'), 'utf8'))
    .flatMap((text) => text.split('\n').filter((line) => line.includes('exit-reason')))
    .join('; ');
}

async function must<R extends pg.QueryResultRow>(side: Side, node: string, sql: string): Promise<R[]> {
  const client = new pg.Client({ host: socketFolder(side, node), user: 'postgres', database: 'template1' });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Until n2 says that n1 streams. */
async function seconds(side: Side, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  const streaming = "select 1 from pg_stat_replication where application_name = 'n1' and state = 'streaming'";
  while ((await ask(side, 'n2', streaming))?.length !== 1)
    if (performance.now() - start > 600_000) throw new Error('n1 does not stream');
    else await new Promise((done) => setTimeout(done, 20));
  return (performance.now() - start) / 1000;
}
