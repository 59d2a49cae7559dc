// The control files of a Debian package. Pure. https://www.debian.org/doc/debian-policy/ch-controlfields.html
import { beforeRemoval, description, libraries, summary } from './contents.ts';

export type Control = Readonly<{ version: string; architecture: string; installedKiB: number }>;

/** Pacemaker and PostgreSQL are recommended only: a pair of sites needs no cluster, and a witness needs neither. */
export function control({ version, architecture, installedKiB }: Control): string {
  return `Package: cfha
Version: ${version}
Architecture: ${architecture}
Maintainer: the cfha project
Section: database
Priority: optional
Installed-Size: ${installedKiB}
Depends: libc6 (>= ${libraries.glibc}), libstdc++6 (>= ${libraries.libstdcxx})
Recommends: pacemaker (>= 2.0), corosync (>= 3.0), pcs (>= 0.10), fence-agents, resource-agents
Suggests: postgresql
Description: ${summary}
${description.map((line) => ` ${line}\n`).join('')}`;
}

/** dpkg calls it with `remove` or `upgrade`. https://www.debian.org/doc/debian-policy/ch-maintainerscripts.html */
export const prerm = `#!/bin/sh
[ "$1" = remove ] || exit 0
${beforeRemoval}`;
