// What the server inherits: as with pgsql, the environment of Pacemaker, in which its archive_command and restore_command run. Pure.
import { path, type Argv } from '../lib/host/exec.ts';
import { askedVariable } from '../meta/launcher.ts';
import type { Environment } from './call.ts';

/** Of systemd for the unit that the agent runs in, and of the launcher for the executable: nobody else's. */
const ours = new Set([
  ...['INVOCATION_ID', 'JOURNAL_STREAM', 'NOTIFY_SOCKET', 'SYSTEMD_EXEC_PID', 'MAINPID', 'MANAGERPID', 'CREDENTIALS_DIRECTORY'],
  ...['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'WATCHDOG_PID', 'WATCHDOG_USEC', 'GLIBC_TUNABLES', askedVariable],
]); // prettier-ignore

/** What an action is called with, and what it hands on to the work in the background. */
export function carriedOn(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.has(name)));
}

/** Of a process that has ended, and of the user who is left. */
const ofThatShell = /^(PWD|OLDPWD|SHLVL|_|HOME|USER|LOGNAME|SHELL|MAIL|LANG|LANGUAGE|LC_.*|PATH|LD_LIBRARY_PATH)$/;
/** The parameters of the resource, which may hold a password, and the session of the monitor: pgsql takes back the last two only. */
const ofResource = /^(OCF_.*|PGUSER|PGPASSWORD)$/;

type Server = { readonly port: number; readonly home: string; readonly libraries: string };

/** Everything but PATH, which is set when root has let go: what is found by it is not root's to run. */
export function serverEnvironment(given: Environment, server: Server): Readonly<Record<string, string>> {
  const kept = Object.entries(carriedOn(given)).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !ofThatShell.test(entry[0]) && !ofResource.test(entry[0]),
  );
  const libraries = [given['LD_LIBRARY_PATH'] ?? '', server.libraries].filter(Boolean).join(':');
  return {
    // The children of a protected postmaster are not: https://www.postgresql.org/docs/current/kernel-resources.html
    ...{ PG_OOM_ADJUST_FILE: '/proc/self/oom_score_adj', PG_OOM_ADJUST_VALUE: '0' },
    ...Object.fromEntries(kept),
    ...{ PGPORT: `${server.port}`, HOME: server.home },
    ...(libraries === '' ? {} : { LD_LIBRARY_PATH: libraries }),
  };
}

/** Pacemaker's, and what the shell functions of pgsql add to it. A name that is no absolute path would be one in the data directory. */
export function serverPath(given: Environment): string {
  const folders = `${given['PATH'] ?? ''}:${path}`.split(':').filter((folder) => folder.startsWith('/'));
  return [...new Set(folders)].join(':');
}

/** The value that Debian's unit of PostgreSQL gives the postmaster: it is the last that the kernel ends for want of memory. */
const protectedScore = -900;

const protect = `{ read -r now && [ "$now" -gt ${protectedScore} ] && echo ${protectedScore} >/proc/self/oom_score_adj; } 2>/dev/null </proc/self/oom_score_adj
exec "$@"`;

/** The same program, protected; where that is not allowed, as in a container, unprotected. It is inherited, so nobody's number is looked up. */
export function protectedArgv(argv: Argv): Argv {
  return ['sh', '-c', protect, 'sh', ...argv];
}
