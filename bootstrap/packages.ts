// What of a region's programs is missing on a host, and which packages bring it: of Debian's family or of Red Hat's.
import type { Spec } from './spec.ts';
import { programsOf, type Survey } from './survey.ts';

type Family = 'debian' | 'redhat';

/** A program or a unit that a region needs → the package that has it. */
const byProgram: Readonly<Record<string, Readonly<Record<Family, string>> | undefined>> = {
  pcs: { debian: 'pcs', redhat: 'pcs' },
  'pcsd.service': { debian: 'pcs', redhat: 'pcs' },
  corosync: { debian: 'corosync', redhat: 'corosync' },
  pacemakerd: { debian: 'pacemaker', redhat: 'pacemaker' },
  cibadmin: { debian: 'pacemaker-cli-utils', redhat: 'pacemaker-cli' },
  crm_diff: { debian: 'pacemaker-cli-utils', redhat: 'pacemaker-cli' },
  '/usr/lib/ocf/resource.d/heartbeat/IPaddr2': { debian: 'resource-agents', redhat: 'resource-agents' },
  'corosync-qdevice.service': { debian: 'corosync-qdevice', redhat: 'corosync-qdevice' },
  nft: { debian: 'nftables', redhat: 'nftables' },
  iptables: { debian: 'iptables', redhat: 'iptables' },
  'firewall-cmd': { debian: 'firewalld', redhat: 'firewalld' },
  'mkfs.ext4': { debian: 'e2fsprogs', redhat: 'e2fsprogs' },
  'mkfs.xfs': { debian: 'xfsprogs', redhat: 'xfsprogs' },
  vgcreate: { debian: 'lvm2', redhat: 'lvm2' },
  'mount.nfs': { debian: 'nfs-common', redhat: 'nfs-utils' },
  logrotate: { debian: 'logrotate', redhat: 'logrotate' },
  flock: { debian: 'util-linux', redhat: 'util-linux' },
  runuser: { debian: 'util-linux', redhat: 'util-linux' },
  sha256sum: { debian: 'coreutils', redhat: 'coreutils' },
  install: { debian: 'coreutils', redhat: 'coreutils' },
  chpasswd: { debian: 'passwd', redhat: 'shadow-utils' },
};

/** Fence agents are one package in Debian; in Red Hat's family each is one, which dnf finds by its file. */
function packageOf(program: string, family: Survey['family']): string {
  if (family === 'other') return program;
  if (program.startsWith('fence_')) return family === 'debian' ? 'fence-agents' : `/usr/sbin/${program}`;
  return byProgram[program]?.[family] ?? program;
}

export type Lack =
  | { readonly kind: 'program'; readonly what: string; /** The package that has it. */ readonly from: string }
  /** Each family names its packages in its own way. */
  | { readonly kind: 'server'; readonly what: string };

export const isProgram = (lack: Lack): lack is Extract<Lack, { kind: 'program' }> => lack.kind === 'program';

/** What is missing on a host. */
export function lacking(spec: Spec, survey: Survey): Lack[] {
  const { version } = spec.postgres;
  const missing = programsOf(spec).filter((program) => !survey.programs.includes(program));
  return [
    ...missing.map((what): Lack => ({ kind: 'program', what, from: packageOf(what, survey.family) })),
    ...(hasServer(spec, survey)
      ? []
      : [{ kind: 'server', what: `PostgreSQL ${String(version ?? '')}`.trim() } as const]),
  ];
}

function hasServer({ postgres: { version } }: Spec, { servers }: Survey): boolean {
  return version === undefined ? Object.keys(servers).length > 0 : servers[version] !== undefined;
}

/** The packages of what is missing, each once. */
export function packagesOf(lacks: readonly Lack[]): string[] {
  return [...new Set(lacks.filter(isProgram).map(({ from }) => from))];
}

// Debian starts what it installs, and makes an instance and a cluster of one node with it: none of that may be while a
// region is built. The policy holds as long as this shell lives, also if it is killed and the file stays.
const apt = `export DEBIAN_FRONTEND=noninteractive
version=$1; shift
config=/etc/postgresql-common/createcluster.conf
if ! grep -Eqs '^ *create_main_cluster *= *false' "$config"; then
  mkdir -p "\${config%/*}"
  printf '# cfha bootstrap: instances of a region are made by it, none by packages.\\ncreate_main_cluster = false\\n' >>"$config"
fi
policy=/usr/sbin/policy-rc.d; mine='# cfha bootstrap'
if [ ! -e "$policy" ] || grep -qF "$mine" "$policy"; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\n%s: while it installs packages, their servers are not started\\n' "$mine" >"$policy"
  printf '[ "$(cut -d " " -f 22 /proc/%s/stat 2>/dev/null)" = %s ] || { rm -f "$0"; exit 0; }\\n' "$$" "$(cut -d ' ' -f 22 "/proc/$$/stat")" >>"$policy"
  printf 'case $1 in postgresql*|corosync*|pacemaker*) exit 101 ;; esac\\n' >>"$policy"
  chmod 0755 "$policy"
fi
[ -z "$version" ] || set -- "postgresql-$version" "$@"
dpkg --configure -a
apt-get -q update
apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold install "$@"`;

// Packages of this family start nothing. The PostgreSQL project's have a version in their name, the distribution's a module.
const dnf = `version=$1; shift
if [ -n "$version" ]; then
  if dnf -q list --available "postgresql$version-server" >/dev/null 2>&1; then set -- "postgresql$version-server" "$@"
  else
    dnf -y -q module enable "postgresql:$version" >/dev/null 2>&1 || :
    set -- postgresql-server "$@"
  fi
fi
dnf -y -q --setopt=install_weak_deps=False install "$@"`;

export const installScripts = { debian: apt, redhat: dnf } as const satisfies Record<Family, string>;
