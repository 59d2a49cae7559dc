// Bad input and bad luck, while the client writes: what a person, a disk or the other site can do wrong. Each says what is wrong,
// and nothing is lost.
import { addressOf } from '../testbed/layout.ts';
import { offerPackages } from '../testbed/packages.ts';
import { sleep } from '../testbed/processes.ts';
import { expect, staysWhile, waitUntil } from '../scenarios/waiting.ts';
import type { Case } from './cases.ts';
import { clockJumps } from './clocks.ts';
import { data, service, sites, statusOf, untilServing, untilStandby, type Pair } from './pair.ts';
import { backToFirst, cfha, failBack, goesOnWhileCut, isRefused, serves, stopServer } from './tell.ts';

/** The client must not notice: the longest gap is that of a busy machine. */
const unnoticed = { core: false, gap: 10, lossless: true, person: '' } as const;
const parent = data.replace(/\/main$/, '');
const passfile = '/var/lib/postgresql/.pgpass';

/** With the standby's server stopped, and whatever was done to it undone before it is started again. */
async function withoutStandby(pair: Pair, work: () => Promise<void>): Promise<void> {
  await stopServer(pair, 'db2');
  await work();
  await pair.sh('db2', `systemctl start ${service}`);
  await untilStandby(pair, 'db2', 60);
}

const systemId = (pair: Pair): Promise<string> => pair.sh('db2', `/usr/lib/postgresql/15/bin/pg_controldata -D ${data} | grep identifier`); // prettier-ignore

/** An administrator's firewall that drops all but ssh and the health check's port, on the first site. */
const strict = {
  iptables: `iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -s ${addressOf('db2')} -j ACCEPT; iptables -A INPUT -p tcp -m multiport --dports 22,5480,8008 -j ACCEPT; iptables -P INPUT DROP`,
  firewalld: `export DEBIAN_FRONTEND=noninteractive; dpkg -i /srv/packages/*.deb >/dev/null; systemctl enable --now firewalld
firewall-cmd --state; firewall-cmd -q --permanent --zone=trusted --add-source=${addressOf('db2')}
for port in 5480 8008; do firewall-cmd -q --permanent --add-port=$port/tcp; done; firewall-cmd -q --reload`,
} as const;
const lenient = {
  iptables: 'iptables -P INPUT ACCEPT; iptables -F INPUT',
  firewalld: 'systemctl disable --now firewalld',
} as const;
/** Its rules are loaded anew, and what was added in passing is gone. */
const anew = {
  iptables: `iptables -F INPUT; ${strict.iptables}; cfha global gate make`,
  firewalld: 'firewall-cmd -q --reload',
} as const;

/** How many witnesses reach the port of the first site, as it says. */
async function reached(pair: Pair): Promise<number | undefined> {
  const { stdout } = await pair.on('db1', ['cfha', 'global', 'status', '--json']);
  return (JSON.parse(stdout) as { outside?: { reached: number } }).outside?.reached;
}

// The sites' own list of packages is torn, for those of a cluster were removed by force: apt would mend that first.
/** Clients that are connected already notice nothing; whoever comes is kept out until cfha has opened the port there. */
function behind(firewall: 'iptables' | 'firewalld'): Case {
  const file = '/etc/cfha/global.yaml';
  return {
    ...{ name: `behind ${firewall} that drops all but ssh`, core: false, gap: 20, lossless: true, person: 'install' },
    play: async (pair) => {
      if (firewall === 'firewalld') await offerPackages(pair.testbed.layout, 'db1', { suite: 'bookworm', names: ['firewalld'], beside: pair.testbed.definition()?.rootfs });
      await pair.sh('db1', strict[firewall], { timeoutMs: 300_000 });
      await waitUntil('nobody outside reaches the port', async () => (await reached(pair)) === 0, 30);
      await pair.sh('db1', `cp -p ${file} ${file}.before; printf 'gate: { firewall: ${firewall} }\\n' >>${file}`);
      pair.say(`   ${(await pair.sh('db1', 'cfha global install')).trim()}`);
      await waitUntil('all witnesses reach it', async () => (await reached(pair)) === 3, 30);
      await pair.sh('db1', anew[firewall]);
      expect((await reached(pair)) === 3, 'after the rules were loaded anew nobody reaches it');
      await pair.sh('db1', 'systemctl stop cfha-global-watch');
      await waitUntil('the gate that nobody renews is closed for all', async () => (await reached(pair)) === 0, 30);
      await pair.sh('db1', 'systemctl start cfha-global-watch');
      await waitUntil('and open again', async () => (await reached(pair)) === 3, 30);
      await pair.sh('db1', `mv ${file}.before ${file}; ${lenient[firewall]}`);
    },
  };
} // prettier-ignore

export const faults: readonly Case[] = [
  {
    ...unnoticed,
    name: 'a job on a host that is none of the two',
    play: async (pair) => {
      for (const job of ['pgsql-standby-check-promote', 'pgsql-primary-check-start', 'pgsql-standby-initialize']) {
        const call = `sed 's/db1/dba/; s/db2/dbb/; s/${addressOf('db1')}/192.0.2.1/; s/${addressOf('db2')}/192.0.2.2/' /etc/cfha/global.yaml >/etc/cfha/wrong.yaml; ${job} --config /etc/cfha/wrong.yaml`; // prettier-ignore
        await isRefused(pair, { node: 'db2', call, code: 1, says: 'This host is neither dba nor dbb' });
      }
    },
  },
  {
    ...unnoticed,
    name: 'a job on the wrong site, or at the wrong time',
    play: async (pair) => {
      const refused = (node: 'db1' | 'db2', call: string, says: string) => isRefused(pair, { node, call, code: 1, says }); // prettier-ignore
      await refused('db1', 'pgsql-standby-release', 'db1 has nothing to release');
      await refused('db2', 'pgsql-standby-release', 'db1 is the primary: there is nothing to release');
      await refused('db2', 'pgsql-primary-initialize', 'Not on db1, exiting');
      await refused('db1', 'pgsql-primary-initialize', 'Run pgsql-standby-release on db2 first');
      await refused('db2', 'pgsql-primary-check-start', 'Not on db1, exiting');
      await refused('db2', 'pgsql-standby-initialize', 'The local database is still running.');
      await isRefused(pair, { node: 'db1', call: 'cfha global rejoin --yes', code: 2, says: 'db2 is a standby, so there is no primary to follow' }); // prettier-ignore
      await isRefused(pair, { node: 'db1', call: 'cfha global switchover --yes', code: 2, says: 'db1 is the primary already' }); // prettier-ignore
    },
  },
  {
    ...unnoticed,
    name: '.pgpass missing, then open to others',
    play: async (pair) => {
      const call = 'pgsql-standby-check-promote';
      const goesOn = (work: () => Promise<void>) => staysWhile('the first site goes on', serves(pair, 'db1'), work);
      await pair.sh('db2', `mv ${passfile} ${passfile}.away`);
      await goesOn(async () => {
        await isRefused(pair, { node: 'db2', call, code: 1, says: `Please create ${passfile}` });
        await sleep(8000); // the second site can not ask any more, and counts failures beyond the limit
      });
      await pair.sh('db2', `mv ${passfile}.away ${passfile}; chmod 644 ${passfile}`);
      await goesOn(() => isRefused(pair, { node: 'db2', call, code: 1, says: `${passfile} must belong to` }));
      await pair.sh('db2', `chmod 600 ${passfile}`);
    },
  },
  {
    ...unnoticed,
    name: 'data of another system on the second site',
    play: (pair) =>
      withoutStandby(pair, async () => {
        await pair.sh('db2', `mv ${data} ${data}.away; su -c "/usr/lib/postgresql/15/bin/initdb -D ${data} >/dev/null" postgres`, { timeoutMs: 120_000 }); // prettier-ignore
        const before = await systemId(pair);
        await isRefused(pair, {
          node: 'db2',
          call: 'pgsql-standby-initialize',
          code: 1,
          says: 'move one of them away',
        });
        expect((await systemId(pair)) === before, 'the other system’s data are still there');
        await pair.sh('db2', `rm -rf ${data} ${data}.cfpgsql-new; mv ${data}.away ${data}`);
      }),
  },
  {
    ...unnoticed,
    name: 'a disk too small for the copy',
    play: (pair) =>
      withoutStandby(pair, async () => {
        const before = await systemId(pair);
        await pair.sh('db2', `mkdir -p /mnt/kept; mount --bind ${parent} /mnt/kept; mount -t tmpfs -o size=100m,mode=755 none ${parent}; chown postgres: ${parent}`); // prettier-ignore
        await isRefused(pair, { node: 'db2', call: 'pgsql-standby-initialize', code: 1, says: 'are free: nothing was changed' }); // prettier-ignore
        await pair.sh('db2', `umount ${parent} /mnt/kept`);
        expect((await systemId(pair)) === before, 'the data are still there');
      }),
  },
  {
    ...unnoticed,
    name: 'a copy interrupted half-way, and begun again',
    play: (pair) =>
      withoutStandby(pair, async () => {
        const before = await systemId(pair);
        const call = `cfha global standby-initialize & p=$!; while [ ! -e ${data}.cfpgsql-copying/PG_VERSION ]; do kill -0 $p || exit 9; sleep 0.02; done; kill -KILL $p; wait $p`; // prettier-ignore
        const { code } = await pair.on('db2', ['sh', '-c', `cd /; ${call}`], { timeoutMs: 120_000 });
        expect(code === 137, `it was killed while it copied (${code})`);
        expect((await systemId(pair)) === before, 'the data are still there');
        await pair.sh('db2', `[ ! -e ${data}.cfpgsql-new ]; pgsql-standby-initialize`, { timeoutMs: 180_000 });
      }),
  },
  {
    ...unnoticed,
    name: 'ssh refused before a switchover',
    play: async (pair) => {
      await pair.sh('db1', 'systemctl stop ssh ssh.socket 2>/dev/null || true');
      const going = () => isRefused(pair, { node: 'db2', call: 'cfha global switchover --yes', code: 2, says: 'db1: cfha global hand-over: ssh: connect to host' }); // prettier-ignore
      await staysWhile('the first site goes on', serves(pair, 'db1'), going);
      await pair.sh('db1', 'systemctl start ssh');
    },
  },
  {
    ...unnoticed,
    name: 'nft flush ruleset on the first site',
    play: async (pair) => {
      await pair.sh('db1', 'nft flush ruleset');
      await waitUntil('the gate is there again, and open', serves(pair, 'db1'), 10);
    },
  },
  ...(['iptables', 'firewalld'] as const).map(behind),
  clockJumps,
  {
    ...unnoticed,
    name: 'a check that hangs: the second gets no answer from the first',
    play: (pair) => goesOnWhileCut(pair, { node: 'db2', to: addressOf('db1') }, 8000),
  },
  {
    ...{ name: 'both sites down, the first returns before the second', core: false, lossless: true, person: '' },
    play: async (pair) => {
      for (const node of ['db2', 'db1']) await pair.testbed.power('off', node);
      await pair.testbed.power('on', 'db1');
      await untilServing(pair, 'db1', 60);
      await pair.testbed.power('on', 'db2');
      await untilStandby(pair, 'db2', 60);
    },
  },
  {
    ...{ name: 'both sites down, the second returns before the first', core: false, lossless: false },
    person: 'rejoin, switchover',
    play: async (pair) => {
      for (const node of ['db1', 'db2']) await pair.testbed.power('off', node);
      await pair.testbed.power('on', 'db2');
      await untilServing(pair, 'db2', 90);
      await pair.testbed.power('on', 'db1');
      const said = () => pair.sh('db1', 'cat /var/log/pgsql-primary-check-start.log');
      await waitUntil('check-start says why it does not start', async () => (await said()).includes('not starting local database'), 60); // prettier-ignore
      await failBack(pair);
    },
  },
  {
    ...{ name: 'the first site away while 300 MB are written, and parted', core: false, lossless: false },
    person: 'rejoin, switchover',
    play: async (pair) => {
      const sql = async (text: string) => (await pair.sh('db2', `su -c "psql -XAtq vmdb_production" postgres <<'E'\n${text}\nE`, { timeoutMs: 180_000 })).trim(); // prettier-ignore
      const kept = async () => (await statusOf(pair, 'db2'))?.kept;
      await waitUntil('the standby keeps WAL', async () => typeof (await kept())?.from === 'string', 30);
      await sql('alter system set wal_keep_size = 0; alter system set max_wal_size = 64; alter system set min_wal_size = 32; select pg_reload_conf();'); // prettier-ignore
      await pair.sh('db2', 'pkill -STOP -f walreceive[r]');
      await sleep(1000); // what the first site acknowledges now, the second never gets
      await pair.sh('db1', 'pkill -KILL -u postgres postgres; systemctl stop postgresql@15-main || true');
      await pair.sh('db2', 'pkill -CONT -f walreceive[r]');
      await untilServing(pair, 'db2', 60);
      const fork = await sql('select pg_walfile_name(pg_current_wal_lsn())');
      for (let n = 1; n <= 4; n += 1) {
        await sql(`create table away${n} as select n, repeat(md5(n::text), 30) t from generate_series(1, 75000) n`);
        await sql('select pg_switch_wal(); checkpoint');
      }
      const behind = (await kept())?.bytes ?? '0';
      expect(Number(behind) > 300_000_000, `${behind} bytes are kept`);
      expect((await sql(`select count(*) from pg_ls_waldir() where name = '${fork}'`)) === '1', `${fork} is kept`);
      const said = await cfha(pair, 'db1', 'rejoin --yes');
      pair.say(said);
      expect(said.includes('Rewinding to') && !said.includes('Copying'), 'it is rewound, not copied');
      await untilStandby(pair, 'db1', 60);
      await waitUntil('what it has is kept no more', async () => Number((await kept())?.bytes ?? Infinity) < 100_000_000, 60); // prettier-ignore
      await sql('drop table away1, away2, away3, away4');
      for (const node of sites) await pair.sh(node, `su -c "psql -XAtq" postgres <<'E'\nalter system reset wal_keep_size; alter system reset max_wal_size; alter system reset min_wal_size; select pg_reload_conf();\nE`); // prettier-ignore
      await backToFirst(pair);
    },
  },
  {
    ...unnoticed,
    name: 'removed from the standby, and installed anew',
    play: async (pair) => {
      // Without the gate its port is open, as without cfha: clients are kept out in another way here.
      await pair.sh('db2', `nft 'add table inet shut; add chain inet shut in { type filter hook input priority 0; }; add rule inet shut in iif != lo ip saddr != ${addressOf('db1')} tcp dport 5432 drop'`); // prettier-ignore
      pair.say(await cfha(pair, 'db2', 'remove --yes'));
      const left = await pair.sh('db2', `ls /etc/systemd/system /etc/cron.d | grep cfha-global || true; nft list tables | grep cfha_global || true; ls /usr/sbin | grep pgsql- || true; su -c "psql -XAtqc 'select slot_name from pg_replication_slots'" postgres`); // prettier-ignore
      expect(left.trim() === '', `this is left: ${left}`);
      await pair.sh('db2', `systemctl is-active ${service}`);
      expect((await cfha(pair, 'db2', 'remove --yes')).startsWith('Nothing was to do.'), 'it was done');
      pair.say(await cfha(pair, 'db2', 'install'));
      await pair.sh('db2', 'nft delete table inet shut');
      await untilStandby(pair, 'db2', 30);
      await waitUntil('WAL is kept again', async () => typeof (await statusOf(pair, 'db2'))?.kept?.from === 'string', 60); // prettier-ignore
    },
  },
  {
    ...{ name: 'the two-step copy with ssh refused at first', core: false, lossless: true },
    person: 'release twice, initialize twice',
    play: async (pair) => {
      await stopServer(pair, 'db1');
      await untilServing(pair, 'db2', 30);
      await pair.sh('db1', 'systemctl stop ssh ssh.socket 2>/dev/null || true');
      await isRefused(pair, { node: 'db2', call: 'pgsql-standby-release', code: 1, says: 'ssh root@db1: ' });
      await pair.sh('db1', 'systemctl start ssh');
      await isRefused(pair, { node: 'db1', call: 'pgsql-primary-initialize', code: 1, says: 'Run pgsql-standby-release on db2 first' }); // prettier-ignore
      await pair.sh('db2', 'pgsql-standby-release', { timeoutMs: 180_000 });
      await pair.sh('db1', 'pgsql-primary-initialize', { timeoutMs: 180_000 });
      await untilServing(pair, 'db1', 30);
      await pair.sh('db2', 'pgsql-standby-initialize', { timeoutMs: 180_000 });
      await untilStandby(pair, 'db2', 30);
    },
  },
  {
    ...unnoticed,
    name: 'the archive full for 10 s',
    play: async (pair) => {
      const archive = '/var/lib/postgresql/archive';
      const sql = async (text: string) => (await pair.sh('db1', `su -c "psql -XAtqc \\"${text}\\"" postgres`)).trim();
      await pair.sh('db1', `mount -t tmpfs -o size=4m,mode=700 none ${archive}; chown postgres: ${archive}`);
      await sql('select pg_switch_wal()');
      await waitUntil('a WAL file is refused', async () => Number(await sql('select failed_count from pg_stat_archiver')) > 0, 30); // prettier-ignore
      const log = await pair.sh('db1', 'cat /var/log/pgsql-primary-archive-wal.log /var/log/postgresql/*.log 2>/dev/null || true'); // prettier-ignore
      expect(log.includes(`${archive} is full`), 'it says that it is full');
      await sleep(10_000);
      await pair.sh('db1', `umount ${archive}`);
      await waitUntil('it is kept after all', async () => (await sql('select last_archived_time > last_failed_time from pg_stat_archiver')) === 't', 90); // prettier-ignore
    },
  },
];

/** Kept apart: it is long, and measured. */
export const large: Case = {
  ...{
    name: 'failback of 5 GB with 10 MB written meanwhile',
    core: false,
    lossless: true,
    lastGap: 10,
    openings: { db1: 2, db2: 1 },
  },
  person: 'rejoin, switchover',
  play: async (pair) => {
    const sql = (node: 'db1' | 'db2', text: string) => pair.sh(node, `su -c "psql -XAtq vmdb_production" postgres <<'E'\n${text}\nE`, { timeoutMs: 1_800_000 }); // prettier-ignore
    await sql('db1', `create unlogged table stock as select n, repeat(md5(n::text), 30) t from generate_series(1, 5000000) n`); // prettier-ignore
    await sql('db1', `alter table stock set logged; checkpoint`);
    pair.say(`   ${(await sql('db1', 'select pg_size_pretty(pg_database_size(current_database()))')).trim()}`);
    await untilStandby(pair, 'db2', 600);
    await sql('db2', 'checkpoint');
    await stopServer(pair, 'db1');
    await untilServing(pair, 'db2', 60);
    await sql('db2', `create table meanwhile as select n, repeat(md5(n::text), 30) t from generate_series(1, 10000) n`);
    const began = performance.now();
    await failBackTimed(pair, began);
  },
};

async function failBackTimed(pair: Pair, began: number): Promise<void> {
  const after = (): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  pair.say(await pair.sh('db1', 'cfha global rejoin --yes 2>&1', { timeoutMs: 600_000 }));
  pair.say(`   rejoined after ${after()}`);
  await backToFirst(pair);
  pair.say(`   back after ${after()}`);
}
