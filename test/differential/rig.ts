// What every run on real servers begins with: programs, a data directory to copy, and a process namespace of its own.
import { spawnSync } from 'node:child_process';
import { initialise, postgresUser } from './base.ts';
import { correctedFunctions, postgresPrograms } from './programs.ts';
import type { Rig } from './side.ts';

/** A rig whose files lie under `root`. */
export function makeRig(root: string): Rig {
  const programs = postgresPrograms();
  return {
    root,
    programs,
    base: initialise(root, programs),
    functions: correctedFunctions(root),
    owner: postgresUser(),
  };
}

/**
 * Runs everything again in namespaces of processes and of System V IPC: whatever the servers leave behind ends with them
 * (a killed postmaster leaves a shared memory segment, and when a machine has 4096 of them no server starts any more),
 * and the first process, bash, takes note of ended processes at once, which the first process of a sandbox may do only
 * after seconds. Before that, `prepare` is called outside.
 */
export async function enclosed(prepare: () => void, main: () => Promise<void>): Promise<void> {
  if (isEnclosed()) return main();
  prepare();
  process.exitCode = runEnclosed();
}

const mark = 'CFHA_ENCLOSED';

/** Whether this program runs in such namespaces. */
export function isEnclosed(): boolean {
  return process.env[mark] !== undefined;
}

/** Runs this program once more, with the same arguments, in such namespaces; its exit code. */
export function runEnclosed(env: Readonly<Record<string, string>> = {}): number {
  const bash = ['bash', '-c', '"$@"; exit $?', 'bash', process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', ['--ipc', '--pid', '--fork', '--mount-proc', '--kill-child', ...bash], {
    stdio: 'inherit',
    env: { ...process.env, ...env, [mark]: '1' },
  });
  return status ?? 1;
}
