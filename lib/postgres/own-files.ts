// What lies in a data directory and is not PostgreSQL's: configuration, certificates, keys. They are the node's, while pg_rewind and
// pg_basebackup bring those of the primary. Everything runs as the server's user, with find(1) and tar(1) of GNU, which keep links as links.
import type { Argv } from '../host/exec.ts';

/** Logs, and whatever else is larger, are no configuration. */
const mostKilobytes = 1024;

// What PostgreSQL makes at the top of a data directory: https://www.postgresql.org/docs/current/storage-file-layout.html
const listing = `list() {
  find . -xdev -mindepth 1 \\( -path ./base -o -path ./global -o -path ./log -o -path ./lost+found -o -path './pg_*' ! -name 'pg_*.conf*' \\) -prune -o \\
    ! \\( -path ./PG_VERSION -o -path './postmaster.*' -o -path './backup_*' -o -path './tablespace_map*' -o -path './*.signal' -o -path './current_logfiles*' \\
      -o -name '*.cfpgsql-new' -o -name '*.log' -o -name '*.csv' -o -path ./core -o -path './core.[0-9]*' \\) \\( "$@" \\)
}`;

const files = `-type l -o -type f -size -${mostKilobytes + 1}k`;

const saving = `umask 077
${listing}
cd "$1" || exit 1
list \\( ${files} -o -type d \\) -print0 >"$2.names" || exit 1
tar --create --file="$2.part" --null --no-recursion --ignore-failed-read --files-from="$2.names" || exit 1
rm -f "$2.names" && sync "$2.part" && mv -fT "$2.part" "$2"`;

const restoring = `umask 077
${listing}
cd "$1" || exit 1
# not -delete, which takes -prune back
list \\( ${files} \\) -exec rm -f -- {} + || exit 1
tar --extract --preserve-permissions --file="$2" && sync -f .`;

/** Writes them to an archive, which gets its name when it is whole and on the disk. */
export function saveOwnArgv(data: string, archive: string): Argv {
  return ['sh', '-c', saving, 'save', data, archive];
}

/** Puts them into a data directory in the place of those that are there. May be done again. */
export function restoreOwnArgv(data: string, archive: string): Argv {
  return ['sh', '-c', restoring, 'restore', data, archive];
}

/** Prints the first file or directory that its user may not change: pg_rewind would end there, half-way. */
export function unwritableArgv(data: string): Argv {
  return ['find', data, '-xdev', '(', '-type', 'f', '-o', '-type', 'd', ')', '!', '-writable', '-print', '-quit'];
}
