// Exec on this machine for the agent. Made of node:child_process alone: loading execa costs a monitor 20 ms,
// as much as everything else it does (measured; docs/decisions/0003). cfha uses local.ts.
import { spawn } from 'node:child_process';
import { path, type Command, type Exec, type Result } from './exec.ts';

/** A program that says more has failed: no answer we read is near it, a flood must not fill memory, and half an answer is none. */
const keptChars = 64 * 1024 * 1024;

/** An Exec whose commands see what `env` returns in addition to PATH and LC_ALL; it is called when there is one to run. */
export function spawnExec(env: () => Readonly<Record<string, string>> = () => ({})): Exec {
  return (command) => run(command, env());
}

function run(command: Command, env: Readonly<Record<string, string>>): Promise<Result> {
  const [program, ...args] = command.argv;
  return new Promise((resolve) => {
    const options = {
      env: { PATH: path, LC_ALL: 'C', ...env, ...command.env },
      cwd: command.cwd ?? '/',
      ...command.as,
    };
    // A pipe that nothing is written to costs a monitor a millisecond.
    const child =
      command.input === undefined
        ? spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
        : spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    const out = { stdout: '', stderr: '' };
    let timedOut = false;
    const timer =
      command.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            child.kill('SIGKILL');
          }, command.timeoutMs);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        if (out[name].length < keptChars) out[name] += text;
        if (name === 'stderr') command.follow?.(text);
      });
    }
    // A program that ends without reading its input is judged by its exit code.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(command.input);
    const end = (rest: Pick<Result, 'code' | 'failure'>) => {
      clearTimeout(timer);
      resolve({ ...out, ...rest });
    };
    child.on('error', () => end({ code: undefined, failure: 'not found' }));
    // 'exit' and not 'close': a server that pg_ctl has started keeps the pipes open.
    child.on('exit', (code: number | null) => {
      afterReading(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        end(
          code === null || isCut(out)
            ? { code: undefined, failure: isCut(out) ? 'said too much' : timedOut ? 'timed out' : 'killed' }
            : { code },
        );
      });
    });
  });
}

const isCut = ({ stdout, stderr }: { stdout: string; stderr: string }): boolean => Math.max(stdout.length, stderr.length) >= keptChars; // prettier-ignore

/**
 * Calls once all has been read that is in pipes now. Programs that end together are all reported in the turn of the event loop that
 * has seen the first one's pipes: the others' are read in the next turn, before its setImmediate.
 * https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick
 */
function afterReading(call: () => void): void {
  setImmediate(() => setImmediate(call));
}
