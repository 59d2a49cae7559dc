// Exec on this machine for cfha, with execa. (The agent uses spawn.ts, which starts faster.)
import { execa } from 'execa';
import { path, type Command, type Result } from './exec.ts';

/** A command whose standard input may be a file of this machine instead of a text: for what is too large to hold. */
export type FedCommand = Command & { readonly inputFile?: string };

/** Exec for commands that may be fed a file. */
export type FedExec = (command: FedCommand) => Promise<Result>;

/**
 * Runs a command on this machine. The program gets a process group of its own: Ctrl-C at the terminal reaches cfha,
 * which lets the command end, and not the command.
 */
export const localExec: FedExec = async (command) => {
  const [file, ...args] = command.argv;
  const result = await execa(file, args, {
    reject: false,
    detached: true,
    stripFinalNewline: false,
    extendEnv: false,
    env: { PATH: path, LC_ALL: 'C', ...command.env },
    cwd: command.cwd ?? '/',
    ...(command.inputFile === undefined ? { input: command.input ?? '' } : { inputFile: command.inputFile }),
    ...(command.timeoutMs === undefined ? {} : { timeout: command.timeoutMs, killSignal: 'SIGKILL' as const }),
    ...command.as,
  });
  const { stdout, stderr } = result;
  if (result.exitCode !== undefined) return { code: result.exitCode, stdout, stderr };
  return { code: undefined, stdout, stderr, failure: failure(result) };
};

function failure(result: { timedOut: boolean; code?: string | undefined }): NonNullable<Result['failure']> {
  if (result.timedOut) return 'timed out';
  return result.code === 'ENOENT' || result.code === 'EACCES' ? 'not found' : 'killed';
}
