// SELinux: what PostgreSQL keeps elsewhere than where its packages do has no label that lets it in, until somebody gives it one.
import { quoted } from '../lib/host/shell.ts';
import { archiveOf } from './archive.ts';
import type { Layout } from './layout.ts';
import { archiveMount } from './mounts.ts';
import { storageOf } from './provision.ts';
import type { Spec } from './spec.ts';

/** Type of PostgreSQL's files (postgresql_selinux(8)). */
export const postgresType = 'postgresql_db_t';

/** The folders that must have it on a node. What is on a filer has the label that its mount gives it. */
export function labelledFolders(spec: Spec, layout: Layout, node: string): readonly string[] {
  const storage = storageOf(spec, layout, node);
  const archive = archiveOf(spec);
  const kept = archive?.by === 'cfha' && !archiveMount(spec)?.type.startsWith('nfs') ? [archive.directory] : [];
  return [...new Set([...(storage === undefined ? [] : [storage.mount.at]), layout.data, ...kept])];
}

/** What a look asks: the label that the policy has for each folder, and the one that the folder has. Nothing where SELinux does not enforce. */
export function labelQuestion(folders: readonly string[]): string {
  return `if [ "$(getenforce 2>/dev/null)" = Enforcing ]; then
  for folder in ${folders.map(quoted).join(' ')}; do
    echo "label $folder $(matchpathcon -n "$folder" | cut -d : -f 3) $(stat -c %C "$folder" 2>/dev/null | cut -d : -f 3)"
  done
fi
`;
}

/** For the folder, all in it, and what stands beside it while it is made anew. */
export function labelRule(folder: string): string {
  return `${folder.replaceAll('.', '\\.')}(\\.cfha-new|\\.cfpgsql-[a-z]+)?(/.*)?`;
}

/** Makes the rule, which holds for files to come, and labels those that are there. */
export const labelScript = `command -v semanage >/dev/null || { echo 'semanage is missing: install policycoreutils-python-utils' >&2; exit 1; }
semanage fcontext -a -t "$1" "$2" 2>/dev/null || semanage fcontext -m -t "$1" "$2"
restorecon -R "$3"`;
