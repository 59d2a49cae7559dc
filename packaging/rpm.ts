// The spec file of an RPM. Pure. https://rpm-software-management.github.io/rpm/manual/spec.html
import { beforeRemoval, description, foldersOf, libraries, summary, type File } from './contents.ts';

export type Spec = Readonly<{ version: string; architecture: string; files: readonly File[] }>;

function listed({ path, ...file }: File): string {
  return `%attr(${file.mode.toString(8).padStart(4, '0')}, root, root) ${path}`;
}

/**
 * Everything is staged already: rpmbuild gets the tree as its build root. A sealed executable must stay as it is, byte for byte:
 * to strip it would cut off what is sealed in.
 */
export function spec({ version, architecture, files }: Spec): string {
  return `%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global __brp_mangle_shebangs %{nil}
Name: cfha
Version: ${version}
Release: 1
Summary: ${summary}
License: GPL-2.0-or-later
BuildArch: ${architecture}
AutoReqProv: no
Requires: glibc >= ${libraries.glibc}, libstdc++ >= ${libraries.libstdcxx}
Recommends: pacemaker >= 2.0, corosync >= 3.0, pcs >= 0.10, resource-agents

%description
${description.join('\n')}

%preun
# 0: it is removed, as against upgraded
[ "$1" = 0 ] || exit 0
${beforeRemoval}
%files
${foldersOf(files)
  .map((folder) => `%dir %attr(0755, root, root) ${folder}\n`)
  .join('')}${files.map(listed).join('\n')}
`;
}
