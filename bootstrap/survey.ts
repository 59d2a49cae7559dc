// What a host is, apart from what bootstrap changes: asked once, before the first look.
import type { Result } from '../lib/host/exec.ts';
import { firewallPrograms } from './firewall.ts';
import { archiveMount } from './mounts.ts';
import type { Spec } from './spec.ts';
import { decoded, readAnswer, type Answer } from './answer.ts';
import { fenceAgents } from './devices.ts';
import { readFenceMetadata, type FenceMetadata } from '../lib/pacemaker/fence-metadata.ts';

export type Survey = {
  /** `uname -n`, in lower case. */
  readonly name: string;
  readonly root: boolean;
  readonly machine: string;
  readonly family: 'debian' | 'redhat' | 'other';
  /** Distribution and its version, as os-release names them: `debian 12`. */
  readonly system: string;
  /** Programs and units that were asked for and are there. */
  readonly programs: readonly string[];
  /** Major version of each installed server, with the directory of its programs. */
  readonly servers: Readonly<Record<number, string>>;
  /** Full version of each of them: `15.14`. */
  readonly serverVersions: Readonly<Record<number, string>>;
  /** Versions of pacemaker, corosync and pcs, as far as they are there. */
  readonly versions: Readonly<Record<string, string>>;
  /** Version of the C library, by which text is sorted; undefined if the host does not tell. */
  readonly glibc: string | undefined;
  /** /etc/machine-id: copies of one virtual machine have the same. */
  readonly machineId: string;
  /** Whether a clock is kept; undefined if the host cannot tell. */
  readonly clockKept: boolean | undefined;
  /** `getenforce` in lower case: enforcing, permissive, disabled; none without SELinux. */
  readonly selinux: string;
  /** AppArmor profiles in enforcing mode that concern a server. */
  readonly apparmor: readonly string[];
  readonly watchdog: boolean;
  /** User and group id of the server's user; undefined without one. */
  readonly postgresIds: string | undefined;
  readonly locales: readonly string[];
  /** Units that are masked: nobody can start them. */
  readonly masked: readonly string[];
  /** What the metadata of the fence agents say. */
  readonly fenceAgents: Readonly<Record<string, FenceMetadata | undefined>>;
};

/** Programs that every node must have. A name with .service is a unit that must exist. */
export const neededPrograms = [
  'pcs', 'pcsd.service', 'corosync', 'pacemakerd', 'cibadmin', 'crm_diff', 'flock', 'runuser', 'sha256sum', 'install', 'chpasswd', '/usr/lib/ocf/resource.d/heartbeat/IPaddr2',
] as const; // prettier-ignore

/** What a region needs of programs: those that every one does, and those that its file names. */
export function programsOf(spec: Spec): string[] {
  const { firewall, quorum } = spec;
  const device = quorum === undefined ? [] : ['corosync-qdevice.service'];
  const more = firewall === undefined ? [] : [firewallPrograms[firewall.program].program];
  return [...neededPrograms, ...fenceAgents(spec), ...more, ...device, ...preparing(spec)];
}

/** What is needed to prepare what the file wants prepared. */
function preparing(spec: Spec): string[] {
  const { storage, postgres } = spec;
  return [
    ...(storage === undefined ? [] : [`mkfs.${storage.filesystem}`]),
    ...(storage?.lvm === undefined ? [] : ['vgcreate']),
    ...(archiveMount(spec)?.type.startsWith('nfs') === true ? ['mount.nfs'] : []),
    ...(postgres.log.rotate === 'logrotate' ? ['logrotate'] : []),
  ];
}

/** The script that asks; it changes nothing. */
export function surveyScript(programs: readonly string[], agents: readonly string[] = []): string {
  return `
echo "name $(uname -n)"
echo "uid $(id -u)"
echo "machine $(uname -m)"
if [ -e /etc/debian_version ]; then echo 'family debian'; elif [ -e /etc/redhat-release ]; then echo 'family redhat'; fi
[ -r /etc/os-release ] && (. /etc/os-release; echo "system $ID \${VERSION_ID:-}")
for program in ${programs.join(' ')}; do
  case $program in
  *.service) systemctl cat "$program" >/dev/null 2>&1 && echo "program $program" ;;
  *) command -v "$program" >/dev/null && echo "program $program" ;;
  esac
done
for postgres in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/bin/postgres; do
  [ -x "$postgres" ] || continue
  full=$("$postgres" --version | sed 's/^[^0-9]*\\([0-9.]*\\).*/\\1/')
  echo "server \${full%%.*} $full \${postgres%/postgres}"
done
echo "version pacemaker $(pacemakerd --version 2>/dev/null | sed -n 's/^Pacemaker \\([0-9.]*\\).*/\\1/p')"
echo "version corosync $(corosync -v 2>/dev/null | sed -n "s/.*version '\\([0-9.]*\\).*/\\1/p")"
echo "version pcs $(pcs --version 2>/dev/null)"
echo "glibc $(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2)"
echo "machineid $(cat /etc/machine-id 2>/dev/null)"
echo "clock $(timeout 10 timedatectl show -p NTPSynchronized --value 2>/dev/null)"
echo "selinux $(getenforce 2>/dev/null | tr A-Z a-z)"
grep -i 'postgres.*(enforce)' /sys/kernel/security/apparmor/profiles 2>/dev/null | sed 's/^/apparmor /'
for device in /dev/watchdog /dev/watchdog0; do [ -c "$device" ] && echo "watchdog $device"; done
echo "postgres $(id -u postgres 2>/dev/null):$(id -g postgres 2>/dev/null)"
locale -a 2>/dev/null | sed 's/^/locale /'
for unit in pcsd.service corosync.service pacemaker.service; do
  [ "$(systemctl is-enabled "$unit" 2>/dev/null)" = masked ] && echo "masked $unit"
done
for agent in ${agents.join(' ')}; do
  command -v "$agent" >/dev/null && echo "agent $agent $(timeout 30 "$agent" -o metadata 2>/dev/null </dev/null | base64 -w0)"
done
echo end
`;
}

/** Reads what the script printed. */
export function readSurvey(result: Result): Survey {
  const answer = readAnswer(result);
  const family = answer.one('family');
  const servers = answer.all('server').map((line) => {
    const [major = '', full = '', ...folder] = line.split(' ');
    return { major: Number(major), full, folder: folder.join(' ') };
  });
  return {
    name: said(answer, 'name').toLowerCase(),
    root: answer.one('uid') === '0',
    machine: said(answer, 'machine'),
    family: family === 'debian' || family === 'redhat' ? family : 'other',
    system: said(answer, 'system'),
    programs: answer.all('program'),
    servers: Object.fromEntries(servers.map(({ major, folder }) => [major, folder])),
    serverVersions: Object.fromEntries(servers.map(({ major, full }) => [major, full])),
    versions: versions(answer),
    glibc: said(answer, 'glibc') || undefined,
    machineId: said(answer, 'machineid'),
    clockKept: kept[said(answer, 'clock')],
    selinux: said(answer, 'selinux'),
    apparmor: answer.all('apparmor'),
    watchdog: answer.all('watchdog').length > 0,
    postgresIds: /^\d+:\d+$/.exec(said(answer, 'postgres'))?.[0],
    locales: answer.all('locale'),
    masked: answer.all('masked'),
    fenceAgents: Object.fromEntries(answer.all('agent').map(metadata)),
  };
}

function metadata(line: string): [string, FenceMetadata] {
  const [agent = '', text] = line.split(' ');
  return [agent, readFenceMetadata(decoded(text) ?? '')];
}

const said = (answer: Answer, key: string): string => (answer.one(key) ?? '').trim();

const kept: Readonly<Record<string, boolean | undefined>> = { yes: true, no: false };

function versions(answer: Answer): Record<string, string> {
  const pairs = answer.all('version').map((line) => line.split(' '));
  return Object.fromEntries(pairs.flatMap(([name = '', version = '']) => (version === '' ? [] : [[name, version]])));
}
