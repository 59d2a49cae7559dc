// Every finding of the preflight, and how it is provoked: on a bare testbed, on the second node, or in the region file.
// What goes together is provoked together: the findings of all nodes are told at once.

export type Provocation = Readonly<{
  code: string;
  /** What is wrong, in words. */
  by: string;
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

const servers: readonly Provocation[] = [
  { code: 'WRONG_NAME', by: 'the host calls itself db9', there: 'hostname db9' },
  { code: 'PROGRAM_MISSING', by: 'crm_diff is not there', there: 'rm -f /usr/sbin/crm_diff' },
  { code: 'MACHINE_DIFFERS', by: 'uname -m says aarch64', there: before('uname', 'if [ "$1" = -m ]; then echo aarch64; else /bin/uname "$@"; fi') }, // prettier-ignore
  { code: 'SYSTEM_UNKNOWN', by: 'no Debian, no Red Hat', there: 'rm /etc/debian_version' },
  { code: 'SYSTEMS_DIFFER', by: 'another release', there: "rm /etc/os-release; echo 'ID=rhel\nVERSION_ID=9.4' >/etc/os-release" }, // prettier-ignore
  { code: 'SUPPORT_AGENT', by: 'a Red Hat' },
  { code: 'SYSTEM_TOO_OLD', by: 'pcs 0.9', there: 'rm /usr/sbin/pcs; ' + before('pcs', 'echo 0.9.169') },
  { code: 'VERSIONS_DIFFER', by: 'two versions of pcs' },
  { code: 'SERVERS_DIFFER', by: 'PostgreSQL 15.1 beside a newer one', there: `rm /usr/lib/postgresql/15/bin/postgres; printf '#!/bin/sh\\necho postgres 15.1\\n' >/usr/lib/postgresql/15/bin/postgres; chmod 755 /usr/lib/postgresql/15/bin/postgres` }, // prettier-ignore
  { code: 'UNIT_MASKED', by: 'corosync is masked', there: 'systemctl mask corosync' },
  { code: 'CLOCKS_APART', by: 'date is 100 s behind', there: before('date', 'if [ "$1" = +%s.%N ]; then echo $(($(/bin/date +%s) - 100)).0; else /bin/date "$@"; fi') }, // prettier-ignore
  { code: 'CLOCK_NOT_KEPT', by: 'nobody keeps the clock', file: [['accept: [CLOCK_NOT_KEPT]', 'accept: []']] },
  { code: 'SELINUX_DIFFERS', by: 'SELinux on one node', there: before('getenforce', 'echo Enforcing') },
  { code: 'SELINUX_ENFORCES', by: 'SELinux enforces' },
  { code: 'WATCHDOG_NONE', by: 'no /dev/watchdog' },
  { code: 'IDS_DIFFER', by: 'postgres has another id', there: 'usermod -u 4711 postgres' },
  { code: 'LOCALE_MISSING', by: 'a locale that nobody generated', file: [['postgres:\n', 'postgres:\n  locale: de_AT.UTF-8\n']] }, // prettier-ignore
  { code: 'FENCING_OPTION_UNKNOWN', by: 'usrename', file: [['username:', 'usrename:']] },
  { code: 'FENCING_FAILED', by: 'no user name for the vCenter' },
  { code: 'FENCING_UNCHECKED_TLS', by: 'ssl_insecure' },
  { code: 'SUPPORT_MIGRATION', by: 'virtual machines' },
  { code: 'FENCE_RACE', by: 'no delay for two nodes', file: [['fencing:\n', 'fencing:\n  delay: 0\n']] },
];

const networks: readonly Provocation[] = [
  {
    code: 'NAME_ELSEWHERE',
    by: 'db1 means another host',
    there: "sed -i 's/^10.77.0.11 db1/10.9.9.9 db1/' /etc/hosts",
  },
  { code: 'NAME_IS_LOOPBACK', by: 'db2 is 127.0.1.1', there: "sed -i 's/^10.77.0.12 db2/127.0.1.1 db2/' /etc/hosts" },
  { code: 'PORT_CLOSED', by: 'nftables drops 5405/udp', there: 'nft add table inet cut; nft "add chain inet cut in { type filter hook input priority 0; }"; nft add rule inet cut in udp dport 5405 drop; nft add rule inet cut in tcp dport 5432 reject with tcp reset' }, // prettier-ignore
  { code: 'VIP_USED', by: 'another host has the address', here: 'ip addr add 10.77.0.100/24 dev "$(ip -o -4 route get 10.77.0.1 | sed "s/.* dev \\([^ ]*\\).*/\\1/")"' }, // prettier-ignore
  { code: 'VIP_OFF_LINK', by: 'a router before the address', there: 'ip route add 10.77.0.100/32 via 10.77.0.1' },
  { code: 'MACHINE_ID_SHARED', by: 'a copied machine', there: 'umount /etc/machine-id 2>/dev/null || true; echo 0123456789abcdef0123456789abcdef >/etc/machine-id', here: 'umount /etc/machine-id 2>/dev/null || true; echo 0123456789abcdef0123456789abcdef >/etc/machine-id' }, // prettier-ignore
  { code: 'FENCING_UNKNOWN', by: 'a machine that the vCenter has not', file: [[/db2: [^ ,}]*(?= })/, 'db2: nobody']] },
  { code: 'FOREIGN_CLUSTER', by: 'a member of another cluster', there: "printf 'totem {\\n version: 2\\n cluster_name: elsewhere\\n}\\nnodelist {\\n node {\\n ring0_addr: 10.99.0.1\\n name: other\\n nodeid: 1\\n }\\n}\\n' >/etc/corosync/corosync.conf" }, // prettier-ignore
  { code: 'FOREIGN_DATA', by: 'somebody’s data', there: `mkdir -p ${data}/base; echo 15 >${data}/PG_VERSION` },
];

const disks: readonly Provocation[] = [
  {
    code: 'DATA_READ_ONLY',
    by: 'a volume mounted read-only',
    there: 'mount -t tmpfs -o ro,size=16m none /var/lib/postgresql',
  },
  { code: 'DATA_IN_MEMORY', by: 'a volume in memory' },
  { code: 'SPACE_SHORT', by: '16 MB' },
  { code: 'PORTS_UNTRIED', by: 'a Python that fails', there: before('python3', 'echo no Python >&2; exit 1') },
];

const mounts: readonly Provocation[] = [
  { code: 'DATA_IS_MOUNT', by: 'the data directory is a mount point', there: `mkdir -p ${data}; mount -t tmpfs none ${data}` }, // prettier-ignore
  { code: 'PORT_USED', by: 'another program at 5432', there: 'systemd-run -q --unit taken python3 -m http.server 5432; until ss -Hltn "sport = :5432" | grep -q .; do sleep 0.1; done' }, // prettier-ignore
];

const ours = `mkdir -p ${data}; echo 15 >${data}/PG_VERSION; echo`;
const marked: readonly Provocation[] = [
  { code: 'DATA_OF_OTHER', by: 'data of region dc2', there: `${ours} '# cfha region dc2' >${data}/cfha.conf` },
  { code: 'DATA_MISSING', by: 'the first node has no data, the second has' },
];

const users: readonly Provocation[] = [
  { code: 'NO_POSTGRES_USER', by: 'no user postgres', there: "sed -i 's/^postgres:/pgold:/' /etc/passwd" },
];

const versions: readonly Provocation[] = [
  { code: 'NO_SERVER', by: 'a version that is not installed', file: [['postgres:\n', 'postgres:\n  version: 14\n']] },
];

const plain: readonly Provocation[] = [
  { code: 'NOT_ROOT', by: 'a user who may not sudo', there: 'useradd -m plain; cp -r /root/.ssh /home/plain/; chown -R plain /home/plain/.ssh; echo "plain ALL=(ALL) ALL" >/etc/sudoers.d/plain', file: [['user: root', 'user: plain']] }, // prettier-ignore
  { code: 'UNREACHABLE', by: 'no such user there' },
];

/** Provoked together; the nodes are bare before each of them. */
export const provocations: readonly (readonly Provocation[])[] = [
  servers, networks, disks, mounts, marked, users, versions, plain,
]; // prettier-ignore
