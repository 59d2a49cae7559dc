// What traffic managers must be told about real servers.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { watch } from '../../health/watch.ts';
import { port, promote, sql, stop } from '../rejoin/instance.ts';
import { postmaster, primary, probe, serve, standbyOf, until, untilAnswer, type Probed, type Served, type Site } from './site.ts'; // prettier-ignore

export type HealthTest = {
  readonly name: string;
  readonly core: boolean;
  readonly run: (site: Site) => Promise<string[]>;
};

const unless = (holds: boolean, problem: string): string[] => (holds ? [] : [problem]);
const reason = ({ body }: Probed): unknown => body['reason'];

const roles: HealthTest = {
  name: 'a primary and its standby; the promotion is seen within a second, and the end of the old primary',
  core: true,
  run: async (site) => {
    const one = await primary(site);
    const two = await standbyOf(site, one);
    const answers = async (of: Served, ...paths: string[]) =>
      (await Promise.all(paths.map((path) => probe(of, path)))).map(({ status }) => status).join(' ');
    const paths = ['/primary', '/', '/standby', '/health', '/standby?lag=1MB', '/nothing', '/standby?lag=x'];
    await untilAnswer(two, '/standby?lag=1MB', 200);
    const [ofOne, ofTwo] = [await answers(one, ...paths), await answers(two, ...paths)];
    await stop(one.instance, 'fast');
    const gone = await untilAnswer(one, '/primary', 503);
    const absent = await probe(one, '/health');
    await promote(two.instance);
    const seen = await untilAnswer(two, '/primary', 200);
    console.log(`       end seen after ${gone.toFixed(0)} ms, promotion after ${seen.toFixed(0)} ms`);
    return [
      ...unless(ofOne === '200 200 503 200 503 404 400', `the primary: ${ofOne}`),
      ...unless(ofTwo === '503 503 200 200 200 404 400', `the standby: ${ofTwo}`),
      ...unless(gone < 1000 && seen < 1000, 'it took longer than a second'),
      ...unless(reason(absent) === 'ABSENT' && absent.status === 503, JSON.stringify(absent)),
    ];
  },
};

/** Answers for as long as `still` is so; all must be in time. */
async function answersWhile(one: Served, count: number): Promise<Probed[]> {
  const all: Probed[] = [];
  for (let n = 0; n < count; n++) all.push(await probe(one, '/primary'));
  return all;
}

const frozen: HealthTest = {
  name: 'a frozen postmaster, a frozen session, a frozen server: 503 within a second each time, and 200 when it thaws',
  core: true,
  run: async (site) => {
    const one = await primary(site);
    const [row] = await sql<{ pid: number }>(one.instance, `select pid from pg_stat_activity where application_name = 'cfha serve'`); // prettier-ignore
    const main = postmaster(one.instance);
    const session = row?.pid ?? 0;
    const problems: string[] = unless(session > 0, 'it keeps no session');
    for (const [what, pids] of [
      ['postmaster', [main]],
      ['session', [session]],
      ['server', [main, session]],
    ] as const) {
      pids.forEach((pid) => process.kill(pid, 'SIGSTOP'));
      const after = await untilAnswer(one, '/primary', 503, 5);
      const all = await answersWhile(one, 3);
      pids.forEach((pid) => process.kill(pid, 'SIGCONT'));
      const slowest = Math.max(...all.map(({ ms }) => ms));
      const thawed = await untilAnswer(one, '/primary', 200, 5);
      console.log(`       ${what}: 503 after ${after.toFixed(0)} ms, answers within ${slowest.toFixed(0)} ms, 200 again after ${thawed.toFixed(0)} ms`); // prettier-ignore
      problems.push(
        ...unless(
          all.every((each) => each.status === 503 && reason(each) === 'HUNG'),
          `${what}: ${JSON.stringify(all)}`,
        ),
        // Nobody waits longer than 700 ms for our part; the rest is the machine's.
        ...unless(slowest < 1000 && after < 1300, `${what}: too late`),
      );
    }
    return problems;
  },
};

const lagging: HealthTest = {
  name: 'a standby whose replay is paused, in bytes and in seconds; one that has lost its primary',
  core: true,
  run: async (site) => {
    const one = await primary(site);
    const two = await standbyOf(site, one);
    await sql(one.instance, 'create table t (x text)');
    await untilAnswer(two, '/standby?lag=1s', 200);
    await sql(two.instance, 'select pg_wal_replay_pause()');
    await sql(one.instance, `insert into t select repeat('x', 100) from generate_series(1, 5000)`);
    await untilAnswer(two, '/standby?lag=100kB', 503);
    await untilAnswer(two, '/standby?lag=1s', 503);
    const paused = [await probe(two, '/standby?lag=100kB'), await probe(two, '/standby?lag=1s')].map(reason).join();
    const without = await probe(two, '/standby');
    await sql(two.instance, 'select pg_wal_replay_resume()');
    await untilAnswer(two, '/standby?lag=100kB', 200);
    await untilAnswer(two, '/standby?lag=1s', 200);
    await stop(one.instance, 'immediate');
    await untilAnswer(two, '/standby?lag=1GB', 503);
    const alone = await probe(two, '/standby?lag=1GB');
    return [
      ...unless(paused === 'LAGGING,LAGGING', `paused: ${paused}`),
      ...unless(without.status === 200, `without a limit: ${JSON.stringify(without)}`),
      ...unless(reason(alone) === 'LAG_UNKNOWN', `alone: ${JSON.stringify(alone)}`),
    ];
  },
};

const taken: HealthTest = {
  name: 'all connections used up: 200 as long as the kept session answers; 503 with the reason where there is none',
  core: false,
  run: async (site) => {
    const one = await primary(site);
    await untilAnswer(one, '/primary', 200);
    const clients: pg.Client[] = [];
    const more = async (): Promise<boolean> => {
      const client = new pg.Client({ host: one.instance.folder, port, user: 'postgres', database: 'postgres' });
      client.on('error', () => undefined);
      return client.connect().then(
        () => clients.push(client) > 0,
        () => false,
      );
    };
    while (await more());
    const kept = await answersWhile(one, 5);
    one.serve.kill('SIGKILL');
    await until('it has ended', async () => (await probe(one, '/health')).status === 0);
    while (await more()); // the place of its session
    one.serve = serve(one.instance, one.port);
    await until('cfha serve answers', async () => (await probe(one, '/health')).status !== 0);
    const anew = await probe(one, '/primary');
    await clients.pop()?.end();
    await untilAnswer(one, '/primary', 200);
    await Promise.all(clients.map((client) => client.end()));
    return [
      ...unless(clients.length > 20, `only ${clients.length} connections`),
      ...unless(
        kept.every(({ status }) => status === 200),
        `with a session: ${JSON.stringify(kept)}`,
      ),
      ...unless(anew.status === 503 && reason(anew) === 'FULL', `without one: ${JSON.stringify(anew)}`),
    ];
  },
};

const unwritable: HealthTest = {
  name: 'a primary that may not write is none; one whose commits wait for a standby is one',
  core: false,
  run: async (site) => {
    const one = await primary(site);
    const set = async (name: string, value: string): Promise<void> => {
      await sql(one.instance, `alter system set ${name} = '${value}'`);
      await sql(one.instance, 'select pg_reload_conf()');
    };
    await set('default_transaction_read_only', 'on');
    await untilAnswer(one, '/primary', 503);
    const readOnly = await probe(one, '/primary');
    await sql(one.instance, `begin read write; alter system reset default_transaction_read_only`).catch(
      () => undefined,
    );
    execFileSync('sed', ['-i', '/default_transaction_read_only/d', `${one.instance.data}/postgresql.auto.conf`]);
    await sql(one.instance, 'select pg_reload_conf()');
    await untilAnswer(one, '/primary', 200);
    await set('synchronous_standby_names', 'nobody');
    const waiting = sql(one.instance, 'create table waits (n int)').catch(() => undefined);
    await until('a commit waits', async () => (await sql(one.instance, `select from pg_stat_activity where wait_event = 'SyncRep'`)).length > 0); // prettier-ignore
    // Until the next write has proven it again.
    const until6 = performance.now() + 6000;
    const all: Probed[] = [];
    while (performance.now() < until6) all.push(await probe(one, '/primary'), await probe(one, '/health'));
    await sql(one.instance, `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`);
    await waiting;
    return [
      ...unless(reason(readOnly) === 'READ_ONLY', JSON.stringify(readOnly)),
      ...unless(
        all.every(({ status }) => status === 200),
        JSON.stringify(all.find(({ status }) => status !== 200)),
      ),
    ];
  },
};

type Counters = { commits: number; lsn: string };
const countersOf = async ({ instance }: Served): Promise<Counters> =>
  (await sql<Counters>(instance, `select pg_stat_clear_snapshot(), xact_commit::int as commits, pg_current_wal_lsn()::text as lsn from pg_stat_database where datname = 'postgres'`))[0] ?? { commits: 0, lsn: '0/0' }; // prettier-ignore

/** CPU time of all processes of a server, in clock ticks of 10 ms; what has ended counts with its parent. */
function ticksOf(main: number): number {
  const fields = readFileSync(`/proc/${main}/stat`, 'utf8').split(') ')[1]?.split(' ').map(Number) ?? [];
  return [11, 12, 13, 14].reduce((sum, n) => sum + (fields[n] ?? 0), 0);
}

const cheap: HealthTest = {
  name: '100 probes a second cost the server nothing: some questions a second, and a write every five',
  core: true,
  run: async (site) => {
    const one = await primary(site);
    await untilAnswer(one, '/primary', 200);
    const main = postmaster(one.instance);
    const before = await countersOf(one);
    const ticks = ticksOf(main);
    const seconds = 10;
    const began = performance.now();
    const all: Promise<Probed>[] = [];
    for (let n = 0; n < seconds * 100; n++) {
      await until('its turn', () => Promise.resolve(performance.now() - began >= n * 10));
      all.push(probe(one, n % 2 === 0 ? '/primary' : '/health'));
    }
    const answers = await Promise.all(all);
    const took = (performance.now() - began) / 1000;
    await until('the counters are there', async () => (await countersOf(one)).commits !== before.commits);
    const ticksAfter = ticksOf(main);
    const after = await countersOf(one);
    const [difference] = await sql<{ bytes: number }>(one.instance, `select pg_wal_lsn_diff('${after.lsn}', '${before.lsn}')::int as bytes`); // prettier-ignore
    const commits = after.commits - before.commits;
    const bad = answers.filter(({ status }) => status !== 200);
    const bytes = difference?.bytes ?? Infinity;
    console.log(`       ${answers.length} probes in ${took.toFixed(1)} s: ${commits} transactions, ${bytes} bytes of WAL, ${(ticksAfter - ticks) * 10} ms CPU of ended processes`); // prettier-ignore
    return [
      ...unless(bad.length === 0, `${bad.length} answers: ${JSON.stringify(bad[0])}`),
      // Four a second at most, the write's, and those of this test.
      ...unless(commits < took * 6 + 10, `${commits} transactions`),
      ...unless(bytes < 10_000, `${bytes} bytes of WAL`),
    ];
  },
};

const gated: HealthTest = {
  name: 'a gate that is closed, that hangs, or that cannot be asked: no primary, and in time',
  core: false,
  run: async (site) => {
    const one = await primary(site);
    const never = new Promise<boolean>(() => undefined);
    const gates = { open: () => Promise.resolve(true), closed: () => Promise.resolve(false), hung: () => never, broken: () => Promise.reject(new Error('no')) }; // prettier-ignore
    const target = { host: one.instance.folder, port, user: 'postgres', database: 'postgres', as: site.rig.owner };
    const problems: string[] = [];
    for (const [name, gate] of Object.entries(gates)) {
      const watched = watch({ target, gate, limitMs: 800, freshMs: 250, proofMs: 5000 });
      const began = performance.now();
      const { gateOpen, failure, written } = await watched.find();
      watched.end();
      problems.push(
        ...unless(
          gateOpen === (name === 'open') && failure === undefined && written,
          `${name}: ${String(gateOpen)} ${JSON.stringify(failure)}`,
        ),
        ...unless(performance.now() - began < 1000, `${name}: too late`),
      );
    }
    return problems;
  },
};

export const tests: readonly HealthTest[] = [roles, frozen, lagging, cheap, taken, unwritable, gated];
