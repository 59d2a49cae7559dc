// Processes of this machine, from /proc: who lives, since when, and where. https://man7.org/linux/man-pages/man5/proc.5.html
import { existsSync, readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';

/** A process and what tells it from a later one with the same number. */
export type Process = { readonly pid: number; readonly startTicks: string; readonly parent: number };

/** The process with that number; undefined if there is none, or a zombie. */
export function findProcess(pid: number): Process | undefined {
  return readStat(pid, attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? '');
}

/** Reads /proc/PID/stat. The command name may hold blanks and brackets: fields count from its last bracket. */
export function readStat(pid: number, text: string): Process | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, startTicks] = [fields[0], Number(fields[1]), fields[19]];
  return startTicks === undefined || state === 'Z' || state === 'X' || !Number.isInteger(parent)
    ? undefined
    : { pid, parent, startTicks };
}

/** True while exactly this process lives. */
export function lives(process: Process): boolean {
  return findProcess(process.pid)?.startTicks === process.startTicks;
}

/** Ticks in a second of what the kernel tells programs. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const ticksPerSecond = 100;

/** For how long it has been there, in milliseconds. In a container that is told another uptime it may be too little, never too much. */
export function ageMs({ startTicks }: Process): number {
  const uptime = Number(attempt(() => readFileSync('/proc/uptime', 'utf8'))?.split(' ')[0] ?? 0);
  return Math.max(0, (uptime - Number(startTicks) / ticksPerSecond) * 1000);
}

/** Its children, as they are now. */
export function childrenOf({ pid }: Pick<Process, 'pid'>): readonly Process[] {
  return numbers()
    .flatMap((one) => findProcess(one) ?? [])
    .filter(({ parent }) => parent === pid);
}

/** Its command line, blanks between the words; a server's processes write there what they are. Empty: it has ended. */
export function titleOf({ pid }: Pick<Process, 'pid'>): string {
  return (attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '').replaceAll('\0', ' ').trimEnd();
}

function numbers(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The number of this process. */
export function ownPid(): number {
  return process.pid;
}

/** Kills a child that was begun by the program which has become this one; any other process is let be. */
export function killChild(pid: number): void {
  if (findProcess(pid)?.parent === process.pid) attempt(() => process.kill(pid, 'SIGKILL'));
}

/** True as long as the number is taken: by a process that lives, or that has ended and whose parent has not noticed. */
export function isTaken(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

/**
 * True if the process works in that directory: a postmaster's working directory is its data directory. Where that can't be looked at
 * any more (its disk fails, it was moved, removed or unmounted), also by the name it had, and by `-D DIRECTORY`, which a postmaster is begun with.
 */
export function worksIn(pid: number, directory: string): boolean {
  const cwd = attempt(() => readlinkSync(`/proc/${pid}/cwd`));
  if (cwd === undefined) return false;
  const real = attempt(() => realpathSync(directory));
  return cwd === real || isLeftIn(pid, { cwd, real, named: directory.replace(/(?<=.)\/+$/, '') });
}

type Named = { readonly cwd: string; readonly real: string | undefined; readonly named: string };

/** In a container the same name is another directory. */
function isLeftIn(pid: number, { cwd, real, named }: Named): boolean {
  const mounts = (of: number | string) => attempt(() => readlinkSync(`/proc/${of}/ns/mnt`));
  const isNamed = cwd === `${named} (deleted)` || (real === undefined && cwd === named) || isBegunIn(pid, named);
  return isNamed && mounts(pid) === mounts('self');
}

function isBegunIn(pid: number, named: string): boolean {
  const words = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.split('\0') ?? [];
  return words.some((word, at) => word === '-D' && words[at + 1] === named);
}

/** Every process that works in the directory and runs a program of that name. */
export function processesIn(directory: string, program: string): readonly Process[] {
  return numbers()
    .filter((pid) => runs(pid, program) && worksIn(pid, directory))
    .flatMap((pid) => findProcess(pid) ?? []);
}

/** Every process that works in a directory whose path begins so, which may have been removed meanwhile. */
export function processesUnder(prefix: string): readonly Process[] {
  return numbers()
    .filter((pid) => attempt(() => readlinkSync(`/proc/${pid}/cwd`))?.startsWith(prefix) === true)
    .flatMap((pid) => findProcess(pid) ?? []);
}

function runs(pid: number, program: string): boolean {
  // The link of a program that an upgrade has replaced ends in " (deleted)".
  const exe = attempt(() => readlinkSync(`/proc/${pid}/exe`))?.replace(/ \(deleted\)$/, '');
  return exe?.split('/').pop() === program;
}

/** Sends a signal if exactly this process still lives. */
export function signal(target: Process, name: NodeJS.Signals): void {
  if (lives(target)) attempt(() => process.kill(target.pid, name));
}

// A process may end between any two looks at it: that is an outcome, not an error.
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** The words a process was begun with; none if it cannot be looked at. */
export function argumentsOf(pid: number): readonly string[] {
  return (attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '').split('\0').slice(0, -1);
}
