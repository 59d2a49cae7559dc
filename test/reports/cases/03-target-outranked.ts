// A recovery target in postgresql.auto.conf, on servers: the start outranks it, whatever has left it there.
import { act, file, monitor, transition, vip, work, type Step } from '../../differential/scenario.ts';
import { sleep } from '../../testbed/processes.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import type { Cluster } from '../servers.ts';

/** As PostgreSQL writes it; it takes no T and no Z. */
const seconds = (from: number): string =>
  new Date(Date.now() + from * 1000).toISOString().replace('T', ' ').replace('Z', '+00');

const autoConf = (node: string, ...lines: readonly string[]): Step =>
  file(node, 'data/postgresql.auto.conf', lines.map((line) => `${line}\n`).join(''));

async function streams(pair: Cluster, node: string): Promise<void> {
  const receiving = async () => (await pair.look(node)).receiving === true;
  await waitUntil(`${node} streams`, receiving, 20);
}

const leftOn = (when: string, from: number): ServersCase => ({
  number: 3,
  kind: 2,
  setup: 'servers',
  title: `a standby is started with recovery_target_time ${when} and recovery_target_action promote in postgresql.auto.conf`,
  before: 'The first commit after the target promoted the standby; with a target in the past the server did not start.',
  core: from < 0,
  play: async ({ cluster }) => {
    const pair = await cluster({});
    await pair.replicates();
    await pair.must(0, ...transition('stop', 'n2'));
    const target = [`recovery_target_time = '${seconds(from)}'`, "recovery_target_action = 'promote'"];
    await pair.must(0, autoConf('n2', ...target), ...transition('start', 'n2'));
    await streams(pair, 'n2');
    if (from > 0) await sleep(from * 1000 + 1000);
    await pair.must(0, work('n1'), work('n1'), monitor('n2'));
    await pair.must(8, monitor('n1'));
    const { inRecovery } = await pair.look('n2');
    expect(inRecovery === true, 'n2 has promoted itself');
    const said = pair.printed('n2');
    expect(said.includes('recovery_target_time') && said.includes('postgresql.auto.conf line 1'), said.slice(-1500));
    return 'The standby streams on beyond the target, and the start names the setting, its file and its line.';
  },
});

const onPrimary: ServersCase = {
  number: 3,
  kind: 2,
  setup: 'servers',
  title: 'a primary has a recovery target and settings of pg_basebackup -R in postgresql.auto.conf, and is demoted',
  before: 'As a standby it stopped at the target, or asked the host in the file.',
  core: false,
  play: async ({ cluster }) => {
    const pair = await cluster({ parameters: { demote_to: 'standby' } });
    await pair.replicates();
    const left = [`recovery_target_time = '${seconds(-3600)}'`, "primary_conninfo = 'host=192.0.2.1'"];
    await pair.must(0, autoConf('n1', ...left), ...transition('demote', 'n1'));
    await pair.must(0, ...transition('promote', 'n2'), vip('n2'));
    await pair.must(8, monitor('n2'));
    await pair.must(0, monitor('n1'));
    await streams(pair, 'n1');
    await pair.must(8, work('n2'), monitor('n2'));
    await pair.must(0, monitor('n1'), act('monitor', 'n1'));
    return 'It is a standby of the new primary: both settings are outranked by its start.';
  },
};

export const cases: readonly ServersCase[] = [leftOn('in the past', -3600), leftOn('in the future', 8), onPrimary];
