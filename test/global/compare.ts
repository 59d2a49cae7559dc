// The same misfortunes for the reference's rules and for ours, side by side.
import { addressOf } from '../testbed/layout.ts';
import { sleep } from '../testbed/processes.ts';
import { waitUntil } from '../scenarios/waiting.ts';
import type { Case } from './cases.ts';
import { service, type Check, type Pair } from './pair.ts';
import { cfha, cutLine, freeze, mendLine, thaw } from './tell.ts';

/** `breaks`: what happens; whatever becomes of it is measured, and the pair is set up anew after it. */
export type Misfortune = Pick<Case, 'name'> & Readonly<{ check?: Check; breaks: (pair: Pair) => Promise<void> }>;

const secondsOfCut = 20;

/** What the standby still has to replay when it is promoted: seconds of work. */
async function holdReplay(pair: Pair): Promise<void> {
  const sql = (node: 'db1' | 'db2', text: string) => pair.sh(node, `su -c "psql -XAtq vmdb_production" postgres <<'E'\n${text}\nE`, { timeoutMs: 180_000 }); // prettier-ignore
  await sql('db2', 'select pg_wal_replay_pause()');
  await sql(
    'db1',
    `create table if not exists backlog (n int, t text);
create index if not exists backlog_t on backlog (t);
insert into backlog select n, md5(n::text) from generate_series(1, 400000) n`,
  );
  const received = `select pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn() and pg_last_wal_receive_lsn() >= '${(await sql('db1', 'select pg_current_wal_flush_lsn()')).trim()}'`; // prettier-ignore
  await waitUntil('the standby has received it', async () => (await sql('db2', received)).trim() === 't', 60);
}

export const misfortunes: readonly Misfortune[] = [
  {
    name: 'the line between the sites cut for 20 s',
    breaks: async (pair) => {
      await cutLine(pair, { node: 'db1', to: addressOf('db2'), how: 'unreachable' });
      await sleep(secondsOfCut * 1000);
      await mendLine(pair, 'db1');
      await sleep(5000);
    },
  },
  {
    name: 'the first site isolated for 20 s',
    breaks: async (pair) => {
      const others = pair.testbed.nodes().filter((node) => node !== 'db1');
      for (const node of others) await cutLine(pair, { node, to: addressOf('db1'), how: 'unreachable' });
      await sleep(secondsOfCut * 1000);
      for (const node of others) await mendLine(pair, node);
      await sleep(10_000);
    },
  },
  {
    name: 'the first site’s database stopped, WAL left to replay',
    breaks: async (pair) => {
      await holdReplay(pair);
      await pair.sh('db1', `systemctl stop ${service}`);
      await sleep(30_000);
    },
  },
  ...(['tcp', 'http'] as const).map((check) => ({
    name: `a wreck that listens for 30 s (${check.toUpperCase()} check)`,
    check,
    breaks: async (pair: Pair) => {
      await freeze(pair, 'db1');
      await sleep(30_000);
      await thaw(pair, 'db1');
      await sleep(5000);
    },
  })),
];

/** Ours: the first site is the primary again, without a look at what was broken. */
export async function settle(pair: Pair): Promise<void> {
  const status = JSON.parse(await pair.sh('db1', 'cfha global status --json || true')) as { here: { server: string; gate: string } }; // prettier-ignore
  if (status.here.server === 'primary' && status.here.gate === 'open') return;
  await cfha(pair, 'db1', 'rejoin --yes');
  await waitUntil('switchover', () => cfha(pair, 'db1', 'switchover --yes').then(() => true, () => false), 60); // prettier-ignore
}
