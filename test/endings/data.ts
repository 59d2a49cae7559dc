// Endings in which the data of the standby cannot follow the primary, or are not there.
import type { Stage } from '../scenarios/stage.ts';
import { expect, waitUntil } from '../scenarios/waiting.ts';
import { limitWal } from './disk.ts';
import { addressOf } from '../testbed/layout.ts';
import type { Ending } from './ending.ts';
import { bin, data, shell, sql, untilOffline, whileAway } from './words.ts';

async function untilRefused(stage: Stage, on: string, reason: string): Promise<void> {
  const refused = async () => (await stage.on(on, ['crm_mon', '-1rf'])).stdout.includes(reason);
  await waitUntil(`it is refused: ${reason}`, refused, 90);
}

const statusOn = async (stage: Stage, node: string) => (await stage.on(node, ['cfha', 'status', '--json'])).stdout;

/** True if the status tells how far a copy is. */
function progressIn(status: string): boolean {
  const read = JSON.parse(status === '' ? '{}' : status) as { rejoins?: readonly { doneBytes: number }[] };
  return (read.rejoins?.[0]?.doneBytes ?? 0) > 0;
}

/** More than is kept of it, however often the client makes it switch files. */
async function writeMuch(stage: Stage, node: string): Promise<void> {
  for (const files of [8, 4]) {
    for (let n = 0; n < files; n++) await sql(stage, node, 'select pg_switch_wal()');
    await sql(stage, node, 'checkpoint');
  }
}

const emptied = (stage: Stage, node: string) => shell(stage, node, `find ${data} -mindepth 1 -delete`);

const slowNetwork = (stage: Stage, node: string) =>
  shell(stage, node, 'tc qdisc replace dev eth0 root tbf rate 3mbit burst 64kb latency 300ms');

const clone: NonNullable<Ending['needs']> = {
  says: 'a new base backup, cleanup',
  act: async (stage, { standby }) => {
    const from = 'host=10.77.0.100 user=replicator passfile=/var/lib/postgresql/.cfha/replication.pgpass';
    await shell(stage, standby, `cd /; rm -rf ${data}; runuser -u postgres -- ${bin}/pg_basebackup -D ${data} -d "${from}" -X stream -c fast -w`);
    await shell(stage, standby, 'rm -f /var/lib/postgresql/tmp/PGSQL.lock; crm_resource --cleanup --resource=postgresql-clone');
  }, // prettier-ignore
};

export const standbysData: readonly Ending[] = [
  {
    name: 'the standby is away for longer than WAL is kept',
    core: false,
    needs: clone,
    happens: async (stage, pair) => {
      await limitWal((text) => sql(stage, pair.primary, text));
      await whileAway(stage, pair, async () => {
        await writeMuch(stage, pair.primary);
      });
    },
  },
  {
    name: 'the standby runs, and misses WAL that is no longer kept',
    core: false,
    seconds: 180,
    happens: async (stage, { primary, standby }) => {
      await limitWal((text) => sql(stage, primary, text));
      await shell(stage, primary, `nft add table inet ending; nft add chain inet ending in '{ type filter hook input priority -5; }'; nft add rule inet ending in ip saddr ${addressOf(standby)} tcp dport 5432 drop; pkill -f 'postgres: .*[w]alsender'`);
      const missed = async () =>
        (await stage.look())?.attributes[standby]?.['postgresql-data-status'] === 'DISCONNECT';
      await waitUntil('the primary misses it', missed, 60);
      await writeMuch(stage, primary);
      await shell(stage, primary, 'nft delete table inet ending');
      await untilRefused(stage, primary, 'follow the primary any more');
    },
  }, // prettier-ignore
  {
    name: 'the standby is away for longer than its slot may keep WAL',
    core: false,
    configured: { before: ['replication_slot_name=cfha'], after: ['replication_slot_name='] },
    happens: async (stage, pair) => {
      await limitWal((text) => sql(stage, pair.primary, text));
      await sql(stage, pair.primary, "alter system set max_slot_wal_keep_size = '16MB'");
      await sql(stage, pair.primary, 'select pg_reload_conf()');
      await whileAway(stage, pair, async () => {
        await writeMuch(stage, pair.primary);
        // the primary's monitor makes a lost slot anew: then it keeps nothing
        const given = "wal_status = 'lost' or restart_lsn is null";
        const lost = await sql(stage, pair.primary, `select count(*) from pg_replication_slots where ${given}`);
        expect(lost.trim() === '1', `the slot keeps WAL: nothing is shown: ${lost}`);
      });
    },
  },
  {
    name: 'the standby’s power is lost in the middle of a copy',
    core: false,
    seconds: 240,
    happens: async (stage, { primary, standby }) => {
      await slowNetwork(stage, primary);
      await whileAway(stage, { primary, standby }, () => emptied(stage, standby));
      await waitUntil('its progress is shown', async () => progressIn(await statusOn(stage, primary)), 90);
      await stage.testbed.power('off', standby);
      await untilOffline(stage, standby);
      await shell(stage, primary, 'tc qdisc del dev eth0 root');
    },
  },
  {
    name: 'the standby’s data directory is emptied',
    core: false,
    needs: clone,
    happens: (stage, pair) => whileAway(stage, pair, () => emptied(stage, pair.standby)),
  },
  {
    name: 'the standby’s data are those of another system',
    core: false,
    byItself: false,
    needs: clone,
    happens: (stage, pair) =>
      whileAway(stage, pair, () =>
        shell(stage, pair.standby, `cd /; cp ${data}/*.conf /tmp; find ${data} -mindepth 1 -delete; runuser -u postgres -- ${bin}/initdb -D ${data} >/dev/null; cp -p /tmp/*.conf ${data}; chown postgres: ${data}/*.conf`),
      ).then(() => untilRefused(stage, pair.primary, 'the data directory is of system')), // prettier-ignore
  },
  {
    name: 'cfha rejoin --clone of a standby',
    core: false,
    happens: async (stage, { primary, standby }) => {
      const said = await stage.must(primary, ['cfha', 'rejoin', standby, '--clone', '--yes']);
      expect(said.includes(`${standby} streams from ${primary}`), `it does not say that it streams:\n${said}`);
      const again = await stage.must(primary, ['cfha', 'rejoin', standby, '--yes']);
      expect(again.includes('nothing was done'), `the second time is not without effect:\n${again}`);
      const { code } = await stage.on(primary, ['cfha', 'rejoin', primary, '--clone', '--yes']);
      expect(code === 2, `the primary is not refused: exit code ${code}`);
    },
  },
  {
    name: 'the standby is copied anew, for longer than a start may take',
    core: false,
    seconds: 300,
    happens: async (stage, { primary, standby }) => {
      await slowNetwork(stage, primary);
      await whileAway(stage, { primary, standby }, () => emptied(stage, standby));
      await waitUntil('its progress is shown', async () => progressIn(await statusOn(stage, primary)), 90);
      const begun = performance.now();
      await waitUntil('it takes longer than a start may', async () => {
        expect(progressIn(await statusOn(stage, primary)), 'the copy ended too early: nothing is shown');
        return performance.now() - begun > 65_000;
      }, 90); // prettier-ignore
      expect((await stage.look())?.failures.length === 0, 'a failure is recorded while the copy is made');
      await shell(stage, primary, 'tc qdisc del dev eth0 root');
    },
  },
];
