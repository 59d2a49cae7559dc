// The root filesystem all nodes share, read-only: built once per suite and recipe, kept outside the checkout.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { sourcesFor, type SourcesFile } from './apt-sources.ts';
import { cacheRoot } from './layout.ts';
import { whileLocked } from './lock.ts';
import { must, run } from './processes.ts';
import { Refusal, badUsage } from './refusal.ts';

export const suites = ['bullseye', 'bookworm', 'trixie'] as const;
export type Suite = (typeof suites)[number];

export function asSuite(text: string): Suite {
  const suite = suites.find((s) => s === text);
  if (!suite) throw badUsage(`--suite ${text}: expected ${suites.join(', ')}`);
  return suite;
}

const packages = [
  'systemd systemd-sysv libpam-systemd dbus udev kmod procps psmisc less sudo python3 logrotate',
  'openssh-server openssl iproute2 iputils-ping iptables nftables netcat-openbsd strace',
  'pacemaker pacemaker-cli-utils corosync pcs resource-agents libxml2-utils fence-agents python3-suds postgresql haproxy',
].flatMap((line) => line.split(' '));

const before = `
set -eu
mkdir -p "$1/etc/postgresql-common"
echo 'create_main_cluster = false' >"$1/etc/postgresql-common/createcluster.conf"
`;

// What Debian's packages leave, less what one file for all nodes must not have, and less what only costs time.
const after = `
set -eu
rm -f "$1"/etc/ssh/ssh_host_* "$1/var/lib/dbus/machine-id" "$1/etc/hostname" "$1/etc/resolv.conf" "$1"/var/lib/pcsd/pcsd.*
: >"$1/etc/machine-id"
mkdir -p "$1/var/log/journal"
chroot "$1" systemctl disable corosync pacemaker postgresql haproxy
chroot "$1" systemctl enable ssh pcsd
chroot "$1" systemctl mask console-getty.service getty@.service systemd-udevd.service systemd-udev-trigger.service \\
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service man-db.timer
`;

function recipe(suite: Suite): readonly string[] {
  const leaveOut = ['man', 'doc', 'locale', 'info'].map((dir) => `--dpkgopt=path-exclude=/usr/share/${dir}/*`);
  return [
    ...['--mode=root', '--variant=minbase', '--format=directory', '--aptopt=Apt::Install-Recommends "false"'],
    ...[...leaveOut, '--dpkgopt=force-confold', '--dpkgopt=force-unsafe-io', `--include=${packages.join(',')}`],
    ...[`--setup-hook=${before}`, `--customize-hook=${after}`, suite],
  ];
}

/** The directory with the suite's root filesystem; builds it if it is not there. */
export async function ensureRootfs(suite: Suite, say: (line: string) => void): Promise<string> {
  const name = `${suite}-${createHash('sha256').update(recipe(suite).join('\n')).digest('hex').slice(0, 12)}`;
  const dir = `${cacheRoot}/${name}`;
  if (existsSync(dir)) return dir;
  mkdirSync(cacheRoot, { recursive: true });
  return whileLocked(`${cacheRoot}/.lock`, async () => {
    if (existsSync(dir)) return dir; // another run built it while we waited
    say(`building the root filesystem of Debian ${suite}: 1 to 5 minutes, once (${dir}.log)`);
    await build(suite, dir);
    return dir;
  });
}

/** Debian's sources for a suite, as this machine reaches Debian. */
export function sourcesOf(suite: Suite, pockets: readonly string[]): string {
  return sourcesFor({ suite, own: ownSuite(), pockets }, sourcesFiles());
}

async function build(suite: Suite, dir: string): Promise<void> {
  const [unfinished, sources] = [`${dir}.unfinished`, `${dir}.sources`];
  const own = ownSuite();
  // the security archive of a suite past its support may list packages that it has no more: then without it
  const attempts =
    own === suite
      ? [['', '-updates', '-security']]
      : [
          ['', '-updates', '-security'],
          ['', '-updates'],
        ];
  const args = [
    '--mount',
    '--propagation',
    'private',
    'mmdebstrap',
    ...(await aptAcquireOptions()),
    ...recipe(suite),
    unfinished,
    sources,
  ];
  for (const pockets of attempts) {
    rmSync(unfinished, { recursive: true, force: true });
    writeFileSync(sources, sourcesOf(suite, pockets));
    // in a mount namespace of its own: killed at any point, it leaves no mounts behind
    const { code, stdout, stderr } = await run({ file: 'unshare', args });
    writeFileSync(`${dir}.log`, stdout + stderr);
    if (code === 0) return renameSync(unfinished, dir);
  }
  throw new Refusal(`mmdebstrap could not build Debian ${suite}; see ${dir}.log, then run up again`);
}

/** How this machine's apt reaches its sources (proxy, old snapshots) holds for the nodes' as well. */
async function aptAcquireOptions(): Promise<readonly string[]> {
  const lines = (await must('apt-config', ['dump'])).split('\n');
  return lines
    .filter((line) => /^Acquire::(http|https|Check-Valid-Until|Check-Date|Retries)\b.*"..*"/i.test(line))
    .map((line) => `--aptopt=${line.replace(/;$/, '')}`);
}

function ownSuite(): string {
  return /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
}

function sourcesFiles(): readonly SourcesFile[] {
  const listed = existsSync('/etc/apt/sources.list.d')
    ? readdirSync('/etc/apt/sources.list.d').map((file) => `/etc/apt/sources.list.d/${file}`)
    : [];
  const paths = ['/etc/apt/sources.list', ...listed].filter(
    (path) => existsSync(path) && /\.(list|sources)$/.test(path),
  );
  return paths.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}
