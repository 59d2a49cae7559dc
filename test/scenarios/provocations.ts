// Every finding of the preflight, and how it is provoked: on the nodes of a testbed, or in the region file.
// What goes together is provoked together: the findings of all nodes are told at once.
import type { State } from './stage.ts';

export type Provocation = Readonly<{
  code: string;
  /** What is wrong, in words. */
  by: string;
  /** The whole sentence that it is told with; … stands for what differs from run to run. */
  says: string;
  /** Run on the second node as a shell script. */
  there?: string;
  /** Run on the first node. */
  here?: string;
  /** Replaced in the region file. */
  file?: readonly (readonly [from: string | RegExp, to: string])[];
}>;

/** A program that is found before the real one. */
const before = (program: string, script: string): string =>
  `printf '#!/bin/sh\\n%s\\n' '${script}' >/usr/sbin/${program}; chmod 755 /usr/sbin/${program}`;

const data = '/var/lib/postgresql/15/main';

// prettier-ignore
const servers: readonly Provocation[] = [
  { code: 'WRONG_NAME', by: 'the host calls itself db9', says: 'db2: the host at this address calls itself "db9"', there: 'hostname db9' },
  { code: 'PROGRAM_MISSING', by: 'crm_diff is not there', says: 'db2: missing: crm_diff', there: 'rm -f /usr/sbin/crm_diff' },
  { code: 'MACHINE_DIFFERS', by: 'uname -m says aarch64', says: 'db2: its machine type is aarch64, this cfha is for another', there: before('uname', 'if [ "$1" = -m ]; then echo aarch64; else /bin/uname "$@"; fi') },
  { code: 'SYSTEM_UNKNOWN', by: 'no Debian, no Red Hat', says: 'db2: its system is rhel 9.4, neither a Debian nor a Red Hat', there: 'rm /etc/debian_version' },
  { code: 'SYSTEMS_DIFFER', by: 'another release', says: 'the nodes have different systems: db1 debian 12, db2 rhel 9.4', there: "rm /etc/os-release; echo 'ID=rhel\nVERSION_ID=9.4' >/etc/os-release" },
  { code: 'SUPPORT_AGENT', by: 'a Red Hat', says: 'Red Hat supports Pacemaker and the fence agents on these nodes, but no agent of others, as this one is' },
  { code: 'SYSTEM_TOO_OLD', by: 'pcs 0.9', says: 'db2: pcs is 0.9.169 there; 0.10 or newer is needed', there: 'rm /usr/sbin/pcs; ' + before('pcs', 'echo 0.9.169') },
  { code: 'VERSIONS_DIFFER', by: 'two versions of pcs', says: 'the nodes have different versions of pcs: db1 0.11.…, db2 0.9.169' },
  { code: 'SERVERS_DIFFER', by: 'PostgreSQL 15.1 beside a newer one', says: 'the nodes have different minor versions of PostgreSQL: db1 15.…, db2 15.1', there: `rm /usr/lib/postgresql/15/bin/postgres; printf '#!/bin/sh\\necho postgres 15.1\\n' >/usr/lib/postgresql/15/bin/postgres; chmod 755 /usr/lib/postgresql/15/bin/postgres` },
  { code: 'LIBRARIES_DIFFER', by: 'another glibc', says: 'the nodes have different versions of glibc, by which text is sorted: db1 2.36, db2 2.28', there: before('getconf', 'if [ "$1" = GNU_LIBC_VERSION ]; then echo glibc 2.28; else /usr/bin/getconf "$@"; fi') },
  { code: 'UNIT_MASKED', by: 'corosync is masked', says: 'db2: corosync.service is masked: nothing can start it', there: 'systemctl mask corosync' },
  { code: 'CLOCKS_APART', by: 'date is 100 s behind', says: 'the clocks of db1 and db2 are at least 1… s apart', there: before('date', 'if [ "$1" = +%s.%N ]; then echo $(($(/bin/date +%s) - 100)).0; else /bin/date "$@"; fi') },
  { code: 'CLOCK_NOT_KEPT', by: 'nobody keeps the clock', says: 'db1: its clock is not synchronised', file: [['accept: [CLOCK_NOT_KEPT]', 'accept: []']] },
  { code: 'SELINUX_DIFFERS', by: 'SELinux on one node', says: 'SELinux is not in the same mode on all nodes: db1 not there, db2 enforcing', there: before('getenforce', 'echo Enforcing') },
  { code: 'SELINUX_ENFORCES', by: 'SELinux enforces', says: 'db2: SELinux is enforcing' },
  { code: 'WATCHDOG_NONE', by: 'no /dev/watchdog', says: 'db1: it has no watchdog' },
  { code: 'IDS_DIFFER', by: 'postgres has another id', says: 'the user postgres has different ids (uid:gid): db1 101:104, db2 4711:104', there: 'usermod -u 4711 postgres' },
  { code: 'LOCALE_MISSING', by: 'a locale that nobody generated', says: 'db1: it has no locale de_AT.UTF-8', file: [['postgres:\n', 'postgres:\n  locale: de_AT.UTF-8\n']] },
  { code: 'FENCING_OPTION_UNKNOWN', by: 'usrename', says: 'fence_vmware_soap has no option usrename; is username meant?', file: [['username:', 'usrename:']] },
  { code: 'FENCING_FAILED', by: 'no user name for the vCenter', says: "db1: the fence device (fencing) does not answer it: … ERROR: Please use '-h' for usage" },
  { code: 'FENCING_UNCHECKED_TLS', by: 'ssl_insecure', says: 'fencing.options has ssl_insecure: the fence device’s certificate is not checked' },
  { code: 'SUPPORT_MIGRATION', by: 'virtual machines', says: 'a virtual machine that is moved while it is a member may be fenced; it is not supported (access.redhat.com/articles/3131111)' },
  { code: 'FENCE_RACE', by: 'no delay for two nodes', says: 'fencing.delay is 0 and there are two nodes: cut off from each other, they fence each other (access.redhat.com/solutions/91653)', file: [['fencing:\n', 'fencing:\n  delay: 0\n']] },
];

// prettier-ignore
const networks: readonly Provocation[] = [
  {
    code: 'NAME_ELSEWHERE',
    by: 'db1 means another host', says: 'db2: the name db1 means 10.9.9.9 there, not 10.77.0.11',
    there: "sed -i 's/^10.77.0.11 db1/10.9.9.9 db1/' /etc/hosts",
  },
  { code: 'NAME_IS_LOOPBACK', by: 'db2 is 127.0.1.1', says: 'db2: it takes its own name, db2, for 127.0.1.1', there: "sed -i 's/^10.77.0.12 db2/127.0.1.1 db2/' /etc/hosts" },
  { code: 'PORT_CLOSED', by: 'nftables drops 5405/udp', says: 'db1: port 5405/udp (Corosync) of db2 is closed to it: no answer (a firewall that drops, or no way between them)', there: 'nft add table inet cut; nft "add chain inet cut in { type filter hook input priority 0; }"; nft add rule inet cut in udp dport 5405 drop; nft add rule inet cut in tcp dport 5432 reject with tcp reset' },
  { code: 'STARTED_ELSEWHERE', by: 'a unit of somebody’s own', says: `db1: pg-old.service starts PostgreSQL beside the cluster: /usr/bin/pg_ctl start -D ${data}`, here: `printf '[Service]\\nExecStart=/usr/bin/pg_ctl start -D ${data}\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/pg-old.service; systemctl enable pg-old` },
  { code: 'VIP_USED', by: 'another host has the address', says: 'db1: 10.77.0.100 answers already, and it is not this region that holds it', here: 'ip addr add 10.77.0.100/24 dev "$(ip -o -4 route get 10.77.0.1 | sed "s/.* dev \\([^ ]*\\).*/\\1/")"' },
  { code: 'VIP_OFF_LINK', by: 'a router before the address', says: 'db2: none of its networks has 10.77.0.100 in it', there: 'ip route add 10.77.0.100/32 via 10.77.0.1' },
  { code: 'MACHINE_ID_SHARED', by: 'a copied machine', says: 'db1 and db2 have the same /etc/machine-id: one is a copy of the other', there: 'umount /etc/machine-id 2>/dev/null || true; echo 0123456789abcdef0123456789abcdef >/etc/machine-id', here: 'umount /etc/machine-id 2>/dev/null || true; echo 0123456789abcdef0123456789abcdef >/etc/machine-id' },
  { code: 'FENCING_UNKNOWN', by: 'a machine that the vCenter has not', says: 'db1: the fence device (fencing) has no machine "nobody" for db2; it has dc1-db1-vm, dc1-db2-vm', file: [[/db2: [^ ,}]*(?= })/, 'db2: nobody']] },
  { code: 'FOREIGN_CLUSTER', by: 'a member of another cluster', says: 'db2: it is a member of another cluster: "elsewhere" (other 10.99.0.1)', there: "printf 'totem {\\n version: 2\\n cluster_name: elsewhere\\n}\\nnodelist {\\n node {\\n ring0_addr: 10.99.0.1\\n name: other\\n nodeid: 1\\n }\\n}\\n' >/etc/corosync/corosync.conf" },
  { code: 'FOREIGN_DATA', by: 'somebody’s data', says: 'db2: there are files in /var/lib/postgresql/15/main that no cfha bootstrap made', there: `mkdir -p ${data}/base; echo 15 >${data}/PG_VERSION` },
];

// prettier-ignore
const disks: readonly Provocation[] = [
  {
    code: 'DATA_READ_ONLY',
    by: 'a volume mounted read-only', says: 'db2: /var/lib/postgresql, where the data would be, is mounted read-only',
    there: 'mount -t tmpfs -o ro,size=16m none /var/lib/postgresql',
  },
  { code: 'DATA_IN_MEMORY', by: 'a volume in memory', says: 'db2: the data would be in memory (tmpfs) at /var/lib/postgresql' },
  { code: 'SPACE_SHORT', by: '16 MB', says: 'db2: /var/lib/postgresql has 16 MB free, and 2 GB are wanted' },
  { code: 'PORTS_UNTRIED', by: 'a Python that fails', says: 'db2: the ports between the nodes could not be tried: no Python', there: before('python3', 'echo no Python >&2; exit 1') },
];

// prettier-ignore
const mounts: readonly Provocation[] = [
  { code: 'DATA_IS_MOUNT', by: 'the data directory is a mount point', says: 'db2: /var/lib/postgresql/15/main is a mount point: a data directory cannot get its name there when it is whole', there: `mkdir -p ${data}; mount -t tmpfs none ${data}` },
  { code: 'PORT_USED', by: 'another program at 5432', says: 'db2: another program listens at port 5432', there: 'systemd-run -q --unit taken python3 -m http.server 5432; until ss -Hltn "sport = :5432" | grep -q .; do sleep 0.1; done' },
  { code: 'DATA_ON_NETWORK', by: 'df says nfs4', says: 'db2: the data would be on a network file system (nfs4) at /var/lib/postgresql…', there: before('df', 'echo 99999999999 nfs4') },
];

const ours = `mkdir -p ${data}; echo 15 >${data}/PG_VERSION; echo`;
// prettier-ignore
const marked: readonly Provocation[] = [
  { code: 'DATA_OF_OTHER', by: 'data of region dc2', says: 'db2: /var/lib/postgresql/15/main holds an instance of region "dc2"', there: `${ours} '# cfha region dc2' >${data}/cfha.conf` },
  { code: 'DATA_MISSING', by: 'the first node has no data, the second has', says: 'db1: there is no instance in /var/lib/postgresql/15/main, though the region has been built before' },
];

// prettier-ignore
const users: readonly Provocation[] = [
  { code: 'NO_POSTGRES_USER', by: 'no user postgres', says: 'db2: there is no user postgres', there: "sed -i 's/^postgres:/pgold:/' /etc/passwd" },
];

// prettier-ignore
const versions: readonly Provocation[] = [
  { code: 'NO_SERVER', by: 'a version that is not installed', says: 'PostgreSQL 14 is not installed on every node: db1 has 15; db2 has 15', file: [['postgres:\n', 'postgres:\n  version: 14\n']] },
];

// prettier-ignore
const plain: readonly Provocation[] = [
  { code: 'NOT_ROOT', by: 'a user who may not sudo', says: 'db2: commands do not run as root there: sudo: a password is required', there: 'useradd -m plain; cp -r /root/.ssh /home/plain/; chown -R plain /home/plain/.ssh; echo "plain ALL=(ALL) ALL" >/etc/sudoers.d/plain', file: [['user: root', 'user: plain']] },
  { code: 'UNREACHABLE', by: 'no such user there', says: 'db1: ssh does not reach it: plain@10.77.0.11: Permission denied (publickey,password).' },
];

const archive = 'archive: { directory: /srv/wal, mount: { from: "filer:/vol/wal" } }';

// prettier-ignore
const places: readonly Provocation[] = [
  { code: 'FENCING_OPTION_WRONG', by: 'ssl_insecure=maybe', says: 'the fence device fencing is given ssl_insecure=maybe, which must be of type boolean', file: [['ssl_insecure: 1', 'ssl_insecure: maybe']] },
  { code: 'FENCING_OPTION_MISSING', by: 'no address of the vCenter', says: 'the fence device fencing is not given ip, which fence_vmware_soap requires', file: [[/ip: [\d.]+, /, '']] },
  { code: 'QUORUM_CLOSED', by: 'a quorum device that nobody runs', says: 'db1: it does not reach port 2224/tcp of the quorum device’s host qnet', file: [['fencing:\n', 'quorum: { host: qnet, address: 10.77.0.200, password: { file: replicator.password } }\nfencing:\n']] },
  { code: 'STORAGE_ABSENT', by: 'a disk that is not attached', says: 'db1: there is no block device /dev/sdz', file: [['fencing:\n', 'storage: { device: /dev/sdz }\nfencing:\n']] },
  { code: 'MOUNT_TAKEN', by: 'something else where the archive is to be', says: 'db2: none is mounted at /srv/wal, or is to be by /etc/fstab, and not filer:/vol/wal', there: 'mkdir -p /srv/wal; mount -t tmpfs none /srv/wal', file: [['postgres:\n', `postgres:\n  ${archive}\n`]] },
  { code: 'SOURCE_UNUSABLE', by: 'a tar that is not there', says: 'db1: the database to be brought along, /root/none.tar, cannot be used: tar: …', file: [['postgres:\n', 'postgres:\n  source: { tar: /root/none.tar }\n']] },
  { code: 'ADDRESS_ELSEWHERE', by: 'an address that another gives it', says: 'db2: it answers at 10.77.0.99, but none of its own addresses is that: …', there: 'ip route add local 10.77.0.99 dev lo', file: [['address: 10.77.0.12', 'address: 10.77.0.99']] },
  { code: 'APPARMOR_ENFORCES', by: 'a profile of the server', says: 'db2: AppArmor confines PostgreSQL: /usr/lib/postgresql/15/bin/postgres (enforce)', there: 'mount -t tmpfs none /sys/kernel/security; mkdir /sys/kernel/security/apparmor; echo "/usr/lib/postgresql/15/bin/postgres (enforce)" >/sys/kernel/security/apparmor/profiles' },
];

// prettier-ignore
const busy: readonly Provocation[] = [
  { code: 'LOCKED', by: 'another administrator', says: 'db2: another cfha bootstrap is at work on it: anna', there: 'systemd-run -q sh -c "exec 9>>/run/cfha-region.lock; flock 9; echo anna >/run/cfha-region.holder; sleep 600"; until [ -s /run/cfha-region.holder ]; do sleep 0.1; done' },
];

// prettier-ignore
const changed: readonly Provocation[] = [
  { code: 'CLUSTER_INCOMPLETE', by: 'a node that has lost its cluster', says: 'db2: it is not a member of the region, which runs already', there: 'pcs cluster stop --force; rm /etc/corosync/corosync.conf' },
  { code: 'QUORUM_UNSAFE', by: 'wait_for_all: 0', says: 'db1: its corosync.conf does not keep two nodes safe: wait_for_all is off: alone at its start, it fences the other and may promote old data', here: "sed -i 's/two_node: 1/&\\n    wait_for_all: 0/' /etc/corosync/corosync.conf" },
  { code: 'RING_DIFFERS', by: 'a second ring that is not in the file', says: 'db1: its cluster has another second ring than the file: db1 10.99.0.11', here: "sed -i 's/ring0_addr: 10.77.0.11/&\\n        ring1_addr: 10.99.0.11/' /etc/corosync/corosync.conf" },
  { code: 'AGENT_DIFFERS', by: 'another resource of our name', says: 'the region runs, and its resource pgvip is ocf:pacemaker:Dummy, not ocf:heartbeat:IPaddr2', here: 'pcs resource delete pgvip --force; pcs resource create pgvip ocf:pacemaker:Dummy' },
];

// prettier-ignore
const restarted: readonly Provocation[] = [
  { code: 'RESTART_NEEDED', by: 'a new parameter of the agent', says: 'the region runs, and what the file asks for restarts …stop_escalate…', file: [['parameters: {}', 'parameters: { stop_escalate: 30 }']] },
];

const unmarked = 'mv /var/lib/postgresql/15/main/cfha.conf /root';
// prettier-ignore
const byHand: readonly Provocation[] = [
  { code: 'BUILT_BY_HAND', by: 'a cluster whose data have no mark', says: 'the cluster "dc1" runs already, and no cfha bootstrap built it: its PostgreSQL is postgresql (ocf:custom:cfpgsql), and the data in /var/lib/postgresql/15/main have no region’s mark', here: unmarked, there: unmarked },
];

type Together = Readonly<{ from: State; all: readonly Provocation[] }>;

/** Provoked together; the nodes have their state before each of them. */
export const provocations: readonly Together[] = [
  ...[servers, networks, disks, mounts, marked, users, versions, plain, places, busy].map((all): Together => ({ from: 'bare', all })),
  ...[changed, restarted, byHand].map((all): Together => ({ from: 'bootstrapped', all })),
]; // prettier-ignore

/** Findings about disks: provoked where disks are made. */
export const ofDisks: readonly string[] = ['STORAGE_NOT_BLANK', 'STORAGE_LATE'];
