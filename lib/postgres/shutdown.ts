// Ending a server for certain: by signals, so that no program or configuration has to be intact.
// https://www.postgresql.org/docs/current/server-shutdown.html: SIGINT fast, SIGQUIT immediate.
import { monotonicMs } from '../host/clock.ts';
import { findProcess, isTaken, lives, processesIn, signal, type Process } from '../host/processes.ts';

export type Schedule = {
  /** Until the immediate shutdown. */
  readonly fastMs: number;
  /** Until SIGKILL. */
  readonly killMs: number;
  /** Called once while the fast shutdown lasts, when it has lasted for `ms`. */
  readonly meanwhile?: readonly { readonly ms: number; readonly call: () => void }[];
};

/** What it took. */
export type Shutdown = 'fast' | 'immediate' | 'killed' | 'still alive';

/** Clients wait meanwhile. */
const pollMs = 10;
/** After SIGKILL the kernel needs a moment; a process in uninterruptible sleep needs for ever. */
const afterKillMs = 3000;

/**
 * Shuts down and returns when the postmaster is gone and its children are: not before, whatever it takes within the schedule.
 * The logger outlives the postmaster by a moment, and a backend that is busy by more; what is left would be taken for a server.
 */
export async function shutDown(postmaster: Process, data: string, schedule: Schedule): Promise<Shutdown> {
  const { fastMs, killMs, meanwhile = [] } = schedule;
  const started = monotonicMs();
  const until = async (holds: () => boolean, ms: number): Promise<boolean> => {
    while (!holds() && monotonicMs() - started < ms) await new Promise((resolve) => setTimeout(resolve, pollMs));
    return holds();
  };
  const children = () => processesIn(data, 'postgres');
  const gone = () => !lives(postmaster) && children().length === 0;
  /** The postmaster, which passes a signal on, or else what it has left behind. */
  const tell = (name: NodeJS.Signals) =>
    (lives(postmaster) ? [postmaster] : children()).forEach((process) => signal(process, name));
  if (fastMs > 0) {
    signal(postmaster, 'SIGINT');
    for (const { ms, call } of meanwhile.toSorted((a, b) => a.ms - b.ms)) {
      if (await until(gone, Math.min(ms, fastMs))) return 'fast';
      call();
    }
    if (await until(gone, fastMs)) return 'fast';
  }
  tell('SIGQUIT');
  if (await until(gone, killMs)) return 'immediate';
  // the postmaster first, so that it starts no new children
  [postmaster, ...children()].forEach((process) => signal(process, 'SIGKILL'));
  if (!(await until(gone, killMs + afterKillMs))) return 'still alive';
  // It left its lock files behind, and the next server takes them for valid while the number is taken.
  await until(() => !isTaken(postmaster.pid), killMs + afterKillMs);
  return 'killed';
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
