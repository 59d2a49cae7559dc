// What a package puts onto a server, and what it says before it goes. The same for .deb and .rpm. Pure.
import { agentPath, executablePath } from '../bootstrap/paths.ts';

export type File = Readonly<{ path: string; from: string; mode: number }>;

export const documents = '/usr/share/doc/cfha';

/** Of the checkout: the executable and what explains it. `pages`: paths of documentation in the checkout. */
export function contents(pages: readonly string[]): readonly File[] {
  return [
    { path: executablePath, from: 'dist/cfha', mode: 0o755 },
    // bootstrap writes the very same file, and finds nothing to do
    { path: agentPath, from: 'dist/launcher', mode: 0o755 },
    ...pages.map((page) => ({ path: `${documents}/${page}`, from: page, mode: 0o644 })),
    { path: `${documents}/copyright`, from: 'LICENSE', mode: 0o644 },
  ];
}

/** Folders that are ours alone: they go with their last file. */
export function foldersOf(files: readonly File[]): readonly string[] {
  const parents = (path: string): readonly string[] => {
    const parent = path.slice(0, path.lastIndexOf('/'));
    return parent.startsWith(documents) ? [...parents(parent), parent] : [];
  };
  return [
    agentPath.slice(0, agentPath.lastIndexOf('/')),
    ...new Set(files.flatMap(({ path }) => parents(path))),
  ].sort();
}

export type Release = Readonly<{
  /** Of package.json. */
  version: string;
  /** Undefined: this is the release itself. */
  since?: Readonly<{ committed: Date; commit: string }> | undefined;
}>;

/** A build of a commit sorts before the release that it leads to (`~` with dpkg and with rpm from 4.10), and after older builds. */
export function versionOf({ version, since }: Release): string {
  if (since === undefined) return version;
  const time = since.committed.toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return `${version}~git${time}.${since.commit}`;
}

export const summary = 'PostgreSQL that stays up on two or three servers, with Pacemaker and Corosync';

export const description: readonly string[] = [
  'ocf:custom:cfpgsql, a resource agent for PostgreSQL with streaming replication, and cfha, which builds fenced regions,',
  'proves them by drills and runs them from day to day. One executable that needs no Node.',
];

/** What the executable itself needs: the C and C++ libraries of EL 8, Debian 11, and everything newer. */
export const libraries = { glibc: '2.28', libstdcxx: '8' } as const;

/**
 * Before the package is removed, as against upgraded: a cluster that runs the agent would lose PostgreSQL on this node, and
 * could not stop it in order any more.
 */
export const beforeRemoval = `if systemctl --quiet is-active pacemaker 2>/dev/null && grep -q 'type="cfpgsql"' /var/lib/pacemaker/cib/cib.xml 2>/dev/null; then
  echo 'cfha: the cluster on this node runs ocf:custom:cfpgsql. First: pcs cluster stop, or cfha migrate RESOURCE --back' >&2
  exit 1
fi
if systemctl --quiet is-enabled cfha-global-gate.service cfha-global-keeper.service 2>/dev/null; then
  echo 'cfha: this host takes part in a pair of sites. First: cfha global remove' >&2
  exit 1
fi
`;
