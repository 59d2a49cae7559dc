// The endings of a region's working day, one after the other: what is done, and what must come of it.
import { median } from '../bench/figures.ts';
import { primaryOf } from '../scenarios/seen.ts';
import type { Stage } from '../scenarios/stage.ts';
import { untilMoreRows } from '../scenarios/survived.ts';
import { expect, waitUntil } from '../scenarios/waiting.ts';
import { fillDisk, freeDisk, limitWal, smallDisk } from './disk.ts';
import { standbysData } from './data.ts';
import { divergedPrimaries } from './diverged.ts';
import type { Ending } from './ending.ts';
import { untilPrimary } from './until.ts';
import { bin, data, pcs, rebootBoth, shell, sql, stopNode, untilStreams, whileAway } from './words.ts';

const switchovers = 10;

/** One, with its proof; the old primary streams within 10 s of its beginning. */
async function switchOver(stage: Stage): Promise<void> {
  const [from = ''] = (await stage.look())?.promoted ?? [];
  const to = stage.otherThan(from);
  const start = performance.now();
  const said = await stage.must(to, ['cfha', 'switchover', '--yes']);
  const seconds = (performance.now() - start) / 1000;
  stage.say(`${from} → ${to}: the old primary streams after ${seconds.toFixed(1)} s`);
  expect(said.includes('nothing is lost'), `no proof:\n${said}`);
  expect(seconds <= 10, `the old primary streams only after ${seconds.toFixed(1)} s`);
  await untilMoreRows(stage, to, 50);
}

const orderly: readonly Ending[] = [
  {
    name: 'cfha switchover',
    core: true,
    happens: async (stage, { standby }) => {
      await stage.must(standby, ['cfha', 'switchover', '--yes']);
    },
  },
  {
    name: `cfha switchover, ${switchovers} times`,
    core: false,
    happens: async (stage) => {
      for (let n = 0; n < switchovers; n++) await switchOver(stage);
    },
    judge: ({ gaps }) => {
      // short ones between do not count as switchovers
      const longest = gaps
        .map(({ seconds }) => seconds)
        .toSorted((a, b) => b - a)
        .slice(0, switchovers);
      const typical = median(longest);
      return typical <= 2 ? [] : [`the median gap is ${typical.toFixed(1)} s, more than 2`];
    },
  },
  {
    name: 'cfha switchover is cancelled: the standby does not get the end',
    core: false,
    happens: async (stage, { primary, standby }) => {
      await sql(stage, primary, "alter system set wal_sender_timeout = '4s'");
      await sql(stage, primary, 'select pg_reload_conf()');
      await shell(stage, standby, "pkill -STOP -f 'postgres: .*[w]alreceiver'");
      const { code, stdout } = await stage.on(standby, ['cfha', 'switchover', '--yes']);
      await stage.on(standby, ['pkill', '-CONT', '-f', 'postgres: .*[w]alreceiver']);
      expect(code === 1, `it was not cancelled: exit code ${code}\n${stdout}`);
      await untilPrimary(stage, primary);
      await stage.on(standby, ['cfha', 'cleanup', '--yes']);
      await sql(stage, primary, 'alter system reset wal_sender_timeout');
      await sql(stage, primary, 'select pg_reload_conf()');
    },
  },
  {
    name: 'the standby’s node is stopped and started',
    core: false,
    happens: (stage, pair) => whileAway(stage, pair, () => Promise.resolve()),
  },
  {
    name: 'the primary’s node is stopped and started',
    core: false,
    happens: async (stage, { primary, standby }) => {
      await stopNode(stage, standby, primary);
      await untilPrimary(stage, standby);
      await pcs(stage, standby, 'cluster', 'start', primary);
    },
  },
  {
    name: 'both are stopped, the standby first',
    core: false,
    happens: async (stage, { primary, standby }) => {
      await stopNode(stage, primary, standby);
      await stopNode(stage, primary, primary);
      await pcs(stage, primary, 'cluster', 'start', '--all');
    },
  },
  {
    name: 'both are stopped, the primary first',
    core: true,
    happens: async (stage, { primary, standby }) => {
      await stopNode(stage, standby, primary);
      await untilPrimary(stage, standby);
      await stopNode(stage, standby, standby);
      await pcs(stage, primary, 'cluster', 'start', '--all');
    },
  },
  {
    name: 'pcs cluster stop --all, start --all',
    core: true,
    happens: async (stage, { primary }) => {
      await pcs(stage, primary, 'cluster', 'stop', '--all');
      await pcs(stage, primary, 'cluster', 'start', '--all');
    },
  },
  { name: 'both servers are rebooted', core: false, seconds: 180, happens: rebootBoth },
  {
    name: 'the resource is disabled and enabled',
    core: false,
    happens: async (stage, { primary }) => {
      await pcs(stage, primary, 'resource', 'disable', 'postgresql-clone', '--wait=90');
      await pcs(stage, primary, 'resource', 'enable', 'postgresql-clone');
    },
  },
  {
    name: 'the primary’s node is put into standby and back',
    core: false,
    happens: async (stage, { primary, standby }) => {
      await stage.must(primary, ['cfha', 'standby', primary, '--yes']);
      await untilPrimary(stage, standby);
      await stage.must(primary, ['cfha', 'unstandby', primary, '--yes']);
    },
  },
  {
    name: 'the primary’s node is banned and cleared',
    core: false,
    happens: async (stage, { primary, standby }) => {
      await stage.must(primary, ['crm_resource', '--ban', '--resource=postgresql-clone', `--node=${primary}`]);
      await untilPrimary(stage, standby);
      await stage.must(primary, ['crm_resource', '--clear', '--resource=postgresql-clone', `--node=${primary}`]);
    },
  },
  {
    name: 'PostgreSQL is restarted in maintenance mode',
    core: false,
    happens: async (stage, { primary }) => {
      await pcs(stage, primary, 'property', 'set', 'maintenance-mode=true');
      await shell(stage, primary, `cd /; runuser -u postgres -- ${bin}/pg_ctl -D ${data} -w -m fast restart >/dev/null 2>&1 </dev/null`);
      await pcs(stage, primary, 'property', 'set', 'maintenance-mode=false');
    }, // prettier-ignore
  },
  {
    name: 'both are restarted one by one, as for a minor upgrade',
    core: false,
    happens: async (stage, { primary, standby }) => {
      for (const node of [standby, primary]) {
        await stage.must(node, ['cfha', 'standby', node, '--yes']);
        await stage.must(node, ['cfha', 'unstandby', node, '--yes']);
      }
    },
  },
];

const failures: readonly Ending[] = [
  {
    name: 'the primary’s postmaster is killed',
    core: false,
    mayLose: 1, // a commit may be acknowledged while the WAL sender has died already
    happens: async (stage, { primary, standby }) => {
      await shell(stage, primary, `kill -9 $(head -n1 ${data}/postmaster.pid)`);
      await untilPrimary(stage, standby);
    },
  },
  {
    name: 'the primary’s postmaster is frozen',
    core: false,
    mayLose: 1,
    seconds: 240,
    happens: async (stage, { primary, standby }) => {
      await shell(stage, primary, 'pkill -STOP -u postgres postgres');
      await untilPrimary(stage, standby, 300);
    },
  },
  {
    name: 'the primary’s plug is pulled',
    core: false,
    mayLose: 1,
    seconds: 180,
    happens: async (stage, { primary, standby }) => {
      await stage.testbed.power('off', primary);
      await untilPrimary(stage, standby);
    },
  },
  {
    name: 'the primary’s network is cut and healed',
    core: false,
    mayLose: 1,
    seconds: 180,
    happens: async (stage, { primary, standby }) => {
      await stage.testbed.net('cut', primary);
      await untilPrimary(stage, standby);
      await stage.testbed.net('heal', primary);
    },
  },
];

const disks: readonly Ending[] = [
  ...(['standby', 'primary'] as const).map((which): Ending => ({
    name: `the disk of the ${which} is full`,
    core: false,
    byItself: false,
    mayLose: 1,
    needs: { says: 'free space, cleanup', act: (stage, { standby }) => freeDisk(stage, standby) },
    happens: async (stage, pair) => {
      for (const node of stage.nodes) await limitWal((text) => sql(stage, node, text), '160MB');
      await whileAway(stage, pair, () => smallDisk(stage, pair.standby));
      await untilStreams(stage, pair.standby);
      if (which === 'primary') await stage.must(pair.primary, ['cfha', 'switchover', '--yes']);
      await fillDisk(stage, pair.standby);
      const writer = which === 'primary' ? pair.standby : pair.primary;
      // less than is kept: what the standby needs when there is room again
      for (let files = 0; files < 6; files++) await sql(stage, writer, 'select pg_switch_wal()').catch(() => '');
      await waitUntil('the full disk tells', () => suffers(stage, pair.standby), 120);
    },
  })),
];

/** Neither a primary that works nor a standby that streams. */
async function suffers(stage: Stage, node: string): Promise<boolean> {
  const seen = await stage.look();
  const status = seen?.attributes[node]?.['postgresql-data-status'] ?? '';
  return seen !== undefined && primaryOf(seen) !== node && !status.startsWith('STREAMING');
}

export const endings: readonly Ending[] = [...orderly, ...failures, ...divergedPrimaries, ...standbysData, ...disks];
