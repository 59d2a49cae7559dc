// Faults that are planted into a region, and what must find each: by the right name.
import type { Stage } from '../scenarios/stage.ts';
import { shell } from '../endings/words.ts';

export type Pair = Readonly<{ primary: string; standby: string }>;

export type Planted = Readonly<{
  name: string;
  /** The code of the check, or the name of the drill, that must find it. */
  found: Readonly<{ check: string } | { drill: string; says: RegExp }>;
  plant: (stage: Stage, pair: Pair) => Promise<unknown>;
  /** Takes it out again; without it, the region is loaded anew. */
  remove?: (stage: Stage, pair: Pair) => Promise<unknown>;
}>;

const settings = 'cd /; runuser -u postgres -- psql -XAtq postgres';
const device = '/usr/sbin/fence_vmware_soap';

/** The device answers, and does nothing. Options come on standard input, the metadata are asked for on the command line. */
const liar = `#!/bin/sh
[ $# -gt 0 ] && exec ${device}.real "$@"
options=$(cat)
case $options in *action=off*|*action=on*|*action=reboot*) exit 0 ;; esac
printf '%s\\n' "$options" | exec ${device}.real
`;

async function onBoth(stage: Stage, script: string): Promise<void> {
  for (const node of stage.nodes) await shell(stage, node, script);
}

const colocation = (role: string): string =>
  `cibadmin --modify --scope=constraints --xml-text='<rsc_colocation id="colocation-pgvip-postgresql-clone-INFINITY" with-rsc-role="${role}"/>'`;
const notify = (value: 'true' | 'false'): string =>
  `crm_resource --meta --resource=postgresql-clone --set-parameter=notify --parameter-value=${value}`;
const password = '/etc/cfha/fencing.password';
const passfile = '/var/lib/postgresql/.cfha/replication.pgpass';
const aside = (file: string): string => `cp -p ${file} ${file}.right`;
const back = (file: string): string => `mv -f ${file}.right ${file}`;
const oldStart = '/usr/lib/postgresql/15/bin/pg_ctl start -w -D /var/lib/postgresql/15/main';
const archive = 'archive_mode = on|archive_command = cp %p /srv/archive/%f|restore_command = cp /srv/archive/%f %p';

export const faults: readonly Planted[] = [
  {
    name: 'the fence password is wrong',
    found: { check: 'FENCING_ANSWERS' },
    plant: (stage) => onBoth(stage, `${aside(password)}; echo wrong >${password}`),
    remove: (stage) => onBoth(stage, back(password)),
  },
  {
    name: 'the virtual IP is held with the standby',
    found: { check: 'VIP_COLOCATION' },
    plant: (stage, { primary }) => shell(stage, primary, colocation('Unpromoted')),
    remove: (stage, { primary }) => shell(stage, primary, colocation('Promoted')),
  },
  {
    name: 'the clone gets no notifications',
    found: { check: 'CLONE_NOTIFY' },
    plant: (stage, { primary }) => shell(stage, primary, notify('false')),
    remove: (stage, { primary }) => shell(stage, primary, notify('true')),
  },
  {
    name: 'a firewall is closed towards the standby',
    found: { check: 'PORTS_OPEN' },
    plant: (stage, { standby }) =>
      shell(stage, standby, `nft add table inet planted; nft add chain inet planted in '{ type filter hook input priority 0; }'; nft add rule inet planted in tcp dport 5432 reject`), // prettier-ignore
    remove: (stage, { standby }) => shell(stage, standby, 'nft delete table inet planted'),
  },
  {
    name: 'the replication password is wrong on one node',
    found: { check: 'REPLICATION_LOGIN' },
    plant: (stage, { standby }) => shell(stage, standby, `${aside(passfile)}; sed -i 's/:[^:]*$/:wrong/' ${passfile}`),
    remove: (stage, { standby }) => shell(stage, standby, back(passfile)),
  },
  {
    name: 'the virtual IP is on another network device',
    found: { check: 'VIP_DEVICE' },
    plant: (stage, { primary }) => shell(stage, primary, 'pcs resource update pgvip nic=lo cidr_netmask=32 --wait=60'),
    remove: (stage, { primary }) => shell(stage, primary, 'pcs resource update pgvip nic= cidr_netmask=24 --wait=60'),
  },
  {
    name: 'a unit of somebody’s own starts PostgreSQL at boot',
    found: { check: 'OTHER_STARTERS' },
    plant: (stage, { standby }) =>
      shell(stage, standby, `printf '[Service]\\nType=forking\\nUser=postgres\\nExecStart=${oldStart}\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/pg-old.service; systemctl enable pg-old`), // prettier-ignore
    remove: (stage, { standby }) =>
      shell(stage, standby, 'systemctl disable pg-old; rm /etc/systemd/system/pg-old.service; systemctl daemon-reload'),
  },
  {
    name: 'a database was made with another version of the C library',
    found: { check: 'COLLATIONS' },
    plant: (stage, { primary }) => shell(stage, primary, `${settings} -c "update pg_database set datcollversion = '2.28' where datname = 'postgres'"`),
    remove: (stage, { primary }) => shell(stage, primary, `${settings} -c "update pg_database set datcollversion = null where datname = 'postgres'"`),
  }, // prettier-ignore
  {
    name: 'the standby replays nothing',
    found: { check: 'REPLAY' },
    plant: (stage, { standby }) => shell(stage, standby, `${settings} -c 'select pg_wal_replay_pause()'`),
    remove: (stage, { standby }) => shell(stage, standby, `${settings} -c 'select pg_wal_replay_resume()'`),
  },
  {
    name: 'a part without quorum goes on',
    found: { check: 'QUORUM_POLICY' },
    plant: (stage, { primary }) => shell(stage, primary, 'pcs property set no-quorum-policy=ignore'),
    remove: (stage, { primary }) => shell(stage, primary, 'pcs property set no-quorum-policy='),
  },
  {
    name: 'a monitor has one second',
    found: { check: 'OPERATION_TIMEOUTS' },
    plant: (stage, { primary }) =>
      shell(stage, primary, `cibadmin --modify --scope=resources --xml-text='<op id="postgresql-monitor-interval-3s" timeout="1s"/>'`), // prettier-ignore
    remove: (stage, { primary }) =>
      shell(stage, primary, `cibadmin --modify --scope=resources --xml-text='<op id="postgresql-monitor-interval-3s" timeout="60s"/>'`), // prettier-ignore
  },
  {
    name: 'the standby has another version of the agent',
    found: { check: 'AGENT_ALIKE' },
    plant: (stage, { standby }) => shell(stage, standby, `${aside('/usr/sbin/cfha')}; cp -p /usr/sbin/cfha /usr/sbin/cfha.new; echo >>/usr/sbin/cfha.new; mv -f /usr/sbin/cfha.new /usr/sbin/cfha`), // prettier-ignore
    remove: (stage, { standby }) => shell(stage, standby, back('/usr/sbin/cfha')),
  },
  {
    // one kernel, one clock: what the node says of it is what is off
    name: 'the standby’s clock is off by a minute',
    found: { check: 'CLOCKS' },
    plant: (stage, { standby }) => shell(stage, standby, `printf '#!/bin/sh\\nexec /usr/bin/date -d "+1 minute" "$@"\\n' >/usr/sbin/date; chmod 755 /usr/sbin/date`), // prettier-ignore
    remove: (stage, { standby }) => shell(stage, standby, 'rm /usr/sbin/date'),
  },
  {
    name: 'a lock is left behind on the standby',
    found: { check: 'LOCK' },
    plant: (stage, { standby }) => shell(stage, standby, 'touch /var/lib/postgresql/tmp/PGSQL.lock'),
    remove: (stage, { standby }) => shell(stage, standby, 'rm /var/lib/postgresql/tmp/PGSQL.lock'),
  },
  {
    name: 'the archive is a directory of each node',
    found: { check: 'ARCHIVE_READABLE' },
    plant: async (stage, { primary }) => {
      const all = archive.split('|').map((line) => line.replace(/ = (.*)/, " = '$1'"));
      await onBoth(stage, `install -d -o postgres /srv/archive; ${all.map((line) => `${settings} -c "alter system set ${line}"`).join('; ')}`); // prettier-ignore
      await shell(stage, primary, 'pcs resource disable postgresql-clone --wait=90; pcs resource enable postgresql-clone --wait=90'); // prettier-ignore
    },
  },
  {
    name: 'the machines’ names are swapped in the fence device',
    found: { drill: 'fence', says: /the machines are swapped in the fence device/ },
    plant: (stage, { primary }) => shell(stage, primary, 'pcs stonith update fencing pcmk_host_map="db1:dc1-db2-vm;db2:dc1-db1-vm"'), // prettier-ignore
    remove: (stage, { primary }) => shell(stage, primary, 'pcs stonith update fencing pcmk_host_map="db1:dc1-db1-vm;db2:dc1-db2-vm"'), // prettier-ignore
  },
  {
    name: 'fencing says yes and does nothing',
    found: { drill: 'fence', says: /the device says yes, and the machine is still off/ },
    plant: (stage) =>
      onBoth(stage, `mv ${device} ${device}.real; cat >${device} <<'LIAR'\n${liar}LIAR\nchmod 755 ${device}`),
    remove: (stage) => onBoth(stage, `[ ! -e ${device}.real ] || mv -f ${device}.real ${device}`),
  },
];

/** WAL that was archived on the primary alone. */
export const archiveSomething = `${settings} -c 'select pg_switch_wal()'; for n in $(seq 30); do [ -n "$(ls /srv/archive)" ] && exit 0; sleep 0.5; done; exit 1`; // prettier-ignore
