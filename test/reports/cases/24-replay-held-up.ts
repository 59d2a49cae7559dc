// What holds up replay holds up no promotion: a session that conflicts with it, a delay, a pause.
import { act, monitor, sql, transition, vip, work } from '../../differential/scenario.ts';
import pg from 'pg';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import type { Cluster } from '../servers.ts';

async function losePrimary(pair: Cluster): Promise<void> {
  const pid = pair.postmaster('n1');
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  await waitUntil('n1 has ended', () => Promise.resolve(pair.postmaster('n1') === undefined), 20);
  await pair.must(7, monitor('n1'));
  await pair.must(0, ...transition('demote', 'n1'), act('stop', 'n1'));
}

/** Seconds that it took. */
async function promote(pair: Cluster): Promise<number> {
  const begun = performance.now();
  await pair.must(0, ...transition('promote', 'n2', { env: { OCF_RESKEY_CRM_meta_timeout: '30000' } }), vip('n2'));
  await pair.must(8, monitor('n2'));
  return (performance.now() - begun) / 1000;
}

async function behind(pair: Cluster): Promise<void> {
  const sql = 'select pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn() as behind';
  await waitUntil('WAL waits for replay', async () => (await pair.ask<{ behind: boolean }>('n2', sql))[0]?.behind, 20);
}

/** A session of the standby that needs what the primary has vacuumed. */
async function openConflict(pair: Cluster): Promise<pg.Client> {
  const client = new pg.Client({ host: pair.sockets('n2'), user: 'postgres', database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin isolation level repeatable read');
  await client.query('select count(*) from wide');
  return client;
}

const conflict: ServersCase = {
  number: 24,
  kind: 2,
  setup: 'servers',
  title: 'a transaction on the standby conflicts with replay, max_standby_streaming_delay is -1, the primary is killed',
  before: 'pg_ctl promote gave up after the whole time: replay waited for the session for ever.',
  core: true,
  play: async ({ cluster }) => {
    const pair = await cluster({});
    await pair.replicates();
    await pair.must(0, sql('n2', 'alter system set max_standby_streaming_delay = -1'), sql('n2', 'select pg_reload_conf()'), sql('n1', 'create table wide as select generate_series(1, 1000) as i')); // prettier-ignore
    await waitUntil('n2 has the table', async () => (await pair.ask<{ t: string | null }>('n2', "select to_regclass('wide')::text as t"))[0]?.t === 'wide', 20); // prettier-ignore
    const client = await openConflict(pair);
    await pair.must(0, sql('n1', 'delete from wide'), sql('n1', 'vacuum wide'), work('n1'));
    await behind(pair);
    await losePrimary(pair);
    const took = await promote(pair);
    await client.end().catch(() => undefined);
    return `The conflicting session is ended, and promote takes ${took.toFixed(1)} s of its 30 s.`;
  },
};

const delayed: ServersCase = {
  number: 24,
  kind: 2,
  setup: 'servers',
  title: 'recovery_min_apply_delay is an hour on the standby, the primary is killed',
  before: 'PostgreSQL itself ends the delay when it is promoted; the delay was not told.',
  core: false,
  play: async ({ cluster }) => {
    const pair = await cluster({});
    await pair.replicates();
    await pair.must(0, sql('n2', "alter system set recovery_min_apply_delay = '1h'"), sql('n2', 'select pg_reload_conf()'), work('n1'), work('n1')); // prettier-ignore
    await behind(pair);
    await losePrimary(pair);
    return `The delay ends with the promotion, which takes ${(await promote(pair)).toFixed(1)} s of its 30 s.`;
  },
};

const paused: ServersCase = {
  number: 24,
  kind: 2,
  setup: 'servers',
  title: 'an administrator has paused replay on the standby, the primary is killed',
  before: 'Nothing told that the standby fell behind, and before PostgreSQL 13 its promotion waited for ever.',
  core: true,
  play: async ({ cluster }) => {
    const pair = await cluster({});
    await pair.replicates();
    await pair.must(0, sql('n2', 'select pg_wal_replay_pause()'), work('n1'), monitor('n2'));
    const recorded = pair.attribute('n2', 'obstacle') ?? '';
    expect(recorded.startsWith('REPLAY_PAUSED'), `recorded: ${recorded}`);
    await behind(pair);
    await losePrimary(pair);
    const took = await promote(pair);
    expect(pair.attribute('n2', 'obstacle') === undefined, 'the record of the obstacle is left over');
    return `The pause is recorded for all to see; promote resumes replay and takes ${took.toFixed(1)} s.`;
  },
};

export const cases: readonly ServersCase[] = [conflict, delayed, paused];
