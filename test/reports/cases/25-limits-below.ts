// Settings of a standby below its primary's, on servers: replay pauses, and the server would end when it is promoted.
import { act, configure, monitor, transition, vip, work } from '../../differential/scenario.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import type { Cluster } from '../servers.ts';

/** On n1 alone, as an administrator does it, who then restarts it. */
async function raiseOnPrimary(pair: Cluster): Promise<void> {
  await pair.must(0, configure('n1', 'max_connections = 60'), configure('n1', 'max_worker_processes = 12'));
  await pair.must(0, ...transition('demote', 'n1'), ...transition('stop', 'n2'));
  await pair.must(0, ...transition('start', 'n1'), monitor('n1'), monitor('n1'), monitor('n1'), monitor('n1'));
  await pair.must(0, ...transition('promote', 'n1'), vip('n1'));
  await pair.must(8, monitor('n1'));
}

async function pausedOn(pair: Cluster, node: string, paused: boolean): Promise<void> {
  const sql = 'select pg_is_wal_replay_paused() as paused';
  await waitUntil(
    `replay on ${node} is ${paused ? '' : 'not '}paused`,
    async () => (await pair.ask<{ paused: boolean }>(node, sql))[0]?.paused === paused,
    20,
  );
}

async function connections(pair: Cluster, node: string): Promise<string> {
  const rows = await pair.ask<{ n: string }>(node, "select current_setting('max_connections') as n");
  return rows[0]?.n ?? '';
}

const started = async (pair: Cluster): Promise<void> => {
  await pair.replicates();
  await raiseOnPrimary(pair);
  await pair.must(0, ...transition('start', 'n2'));
};

const restarted: ServersCase = {
  number: 25,
  kind: 2,
  setup: 'servers',
  title: 'a standby is started with smaller limits than its primary has written into the WAL',
  before: 'Replay paused, or the server did not start again: insufficient parameter settings.',
  core: true,
  play: async ({ cluster }) => {
    const pair = await cluster({ parameters: { rejoin: 'rewind' } });
    await started(pair);
    await waitUntil(
      'n2 replays',
      async () => {
        await pair.must(8, work('n1'), monitor('n1'));
        await pair.must(0, monitor('n2'));
        return (await connections(pair, 'n2')) === '60';
      },
      40,
    );
    await pausedOn(pair, 'n2', false);
    await pair.must(0, ...transition('stop', 'n2'), ...transition('start', 'n2'), monitor('n2'));
    expect((await connections(pair, 'n2')) === '60', 'the second start has not the primary’s limit');
    expect(pair.printed('n2').includes('max_connections'), 'the start names no setting');
    return 'A monitor restarts it with the primary’s limits, and every later start has them from the control file.';
  },
};

const promotedBelow: ServersCase = {
  number: 25,
  kind: 2,
  setup: 'servers',
  title: 'replay of a standby is paused for smaller limits, rejoin=manual, and the primary is lost',
  before: 'The promotion ended the server: no primary until an administrator mended the file.',
  core: true,
  play: async ({ cluster }) => {
    const pair = await cluster({});
    await started(pair);
    await pair.must(8, work('n1'), monitor('n1'));
    await pausedOn(pair, 'n2', true);
    await pair.must(0, monitor('n2'));
    const recorded = pair.attribute('n2', 'obstacle') ?? '';
    expect(recorded.startsWith('LIMITS_BELOW') && recorded.includes('max_connections'), `recorded: ${recorded}`);
    const pid = pair.postmaster('n1');
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    await waitUntil('n1 has ended', () => Promise.resolve(pair.postmaster('n1') === undefined), 20);
    await pair.must(0, ...transition('demote', 'n1'), act('stop', 'n1'), ...transition('promote', 'n2'), vip('n2'));
    await pair.must(8, monitor('n2'));
    expect((await connections(pair, 'n2')) === '60', 'n2 has not the limits of the former primary');
    return 'The standby records why replay is paused; promote restarts it with the limits of the primary, and promotes it.';
  },
};

export const cases: readonly ServersCase[] = [restarted, promotedBelow];
