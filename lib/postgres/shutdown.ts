// Ending a server for certain: by signals, so that no program or configuration has to be intact.
// https://www.postgresql.org/docs/current/server-shutdown.html: SIGINT fast, SIGQUIT immediate.
import { findProcess, isTaken, lives, processesIn, signal, type Process } from '../host/processes.ts';

export type Schedule = {
  /** Until the immediate shutdown. */
  readonly fastMs: number;
  /** Until SIGKILL. */
  readonly killMs: number;
};

/** What it took. */
export type Shutdown = 'fast' | 'immediate' | 'killed' | 'still alive';

/** Clients wait meanwhile. */
const pollMs = 10;
/** After SIGKILL the kernel needs a moment; a process in uninterruptible sleep needs for ever. */
const afterKillMs = 3000;

/** Shuts down and returns when the postmaster is gone: not before, whatever it takes within the schedule. */
export async function shutDown(postmaster: Process, data: string, { fastMs, killMs }: Schedule): Promise<Shutdown> {
  const started = Date.now();
  const until = async (holds: () => boolean, ms: number): Promise<boolean> => {
    while (!holds() && Date.now() - started < ms) await new Promise((resolve) => setTimeout(resolve, pollMs));
    return holds();
  };
  const gone = () => !lives(postmaster);
  if (fastMs > 0) {
    signal(postmaster, 'SIGINT');
    if (await until(gone, fastMs)) return 'fast';
  }
  signal(postmaster, 'SIGQUIT');
  if (await until(gone, killMs)) return 'immediate';
  killAll(postmaster, data);
  if (!(await until(gone, killMs + afterKillMs))) return 'still alive';
  // It left its lock files behind, and the next server takes them for valid while the number is taken.
  await until(() => !isTaken(postmaster.pid), killMs + afterKillMs);
  return 'killed';
}

/** The postmaster first, so that it starts no new children; then those it leaves behind. */
function killAll(postmaster: Process, data: string): void {
  const children = processesIn(data, 'postgres').filter((process) => process.parent === postmaster.pid);
  signal(postmaster, 'SIGKILL');
  children.forEach((child) => signal(child, 'SIGKILL'));
}

/** The postmaster of a data directory: by its pid file, or, if that is missing or wrong, by what runs there. */
export function findPostmaster(
  data: string,
  pidFromFile: number | undefined,
  belongs: (pid: number) => boolean,
): Process | undefined {
  if (pidFromFile !== undefined && belongs(pidFromFile)) return findProcess(pidFromFile);
  const servers = processesIn(data, 'postgres');
  const pids = new Set(servers.map((process) => process.pid));
  return servers.find((process) => !pids.has(process.parent));
}
