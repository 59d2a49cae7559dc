// The processes that a postmaster has begun, and the commands of an administrator's that they wait for.
// Source: PostgreSQL src/backend/utils/misc/ps_status.c ("postgres: ", cluster_name, what the process is and does).
import { ageMs, childrenOf, findProcess, titleOf, type Process } from '../host/processes.ts';

type Postmaster = Pick<Process, 'pid'>;

/** What the title of a process has after the server's own name. A user of the database may be called like a process of the server. */
const forms = {
  startup: /^startup(?: (?:recovering|waiting for) [0-9A-F]{24}(?: waiting)?)?$/,
  archiver: /^archiver(?: (?:archiving|last was|failed on) [0-9A-F]{8,24}[0-9A-Za-z.]*)?$/,
} as const;

export function isTitleOf(what: keyof typeof forms, title: string): boolean {
  const [, rest] = /^postgres: (.*)$/.exec(title) ?? [];
  if (rest === undefined) return false;
  return [rest, rest.slice(rest.lastIndexOf(': ') + 2)].some((words) => forms[what].test(words.trimEnd()));
}

function find(what: keyof typeof forms, postmaster: Postmaster): Process | undefined {
  return childrenOf(postmaster).find((child) => isTitleOf(what, titleOf(child)));
}

/**
 * For how long recovery has been waiting for the restore_command that runs now, in milliseconds; undefined: for none. It does
 * nothing else meanwhile, a promotion least of all.
 */
export function restoringMs(postmaster: Postmaster): number | undefined {
  const startup = find('startup', postmaster);
  const [command] = startup === undefined ? [] : childrenOf(startup);
  return command === undefined ? undefined : ageMs(command);
}

/** The archiver and the archive_command that it waits for. */
export function archiverOf(postmaster: Postmaster): { archiver: Process; commands: readonly Process[] } | undefined {
  const archiver = find('archiver', postmaster);
  return archiver && findProcess(archiver.pid) && { archiver, commands: childrenOf(archiver) };
}
