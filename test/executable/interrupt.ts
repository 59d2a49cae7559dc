// Calls the built executable and kills it when it begins a certain step.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environment, metaAttributes } from '../differential/pacemaker.ts';
import { ourAgent } from '../differential/programs.ts';
import type { Side } from '../differential/side.ts';

export type Called = { readonly exit: number | undefined; readonly steps: readonly string[]; readonly output: string };

type Options = {
  readonly action: string;
  readonly node: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Kill the agent, not its children, as soon as it says that it begins this step, counted from 1. */
  readonly killAt?: number;
  readonly watch?: (pid: number) => void;
};

/** The environment of the action on that node. */
function environmentOf(side: Side, { action, node, env }: Options): Record<string, string> {
  return environment(side, node, { ...metaAttributes(side, action, action === 'monitor' ? 4000 : 0), ...env });
}

/** One call; `exit` is undefined if it was killed. */
export function call(side: Side, options: Options): Promise<Called> {
  const child = spawn(ourAgent(), [options.action], {
    env: environmentOf(side, options),
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const steps: string[] = [];
  let output = '';
  let killed = false;
  options.watch?.(child.pid ?? 0);
  createInterface({ input: child.stderr }).on('line', (line) => {
    output += `${line}\n`;
    const step = /^INFO: step: (.*)$/.exec(line)?.[1];
    if (step === undefined) return;
    steps.push(step);
    if (steps.length !== options.killAt) return;
    killed = child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Not 'close': a server that a killed agent's child starts may hold the pipe.
    child.once('exit', (code) =>
      setTimeout(() => resolve({ exit: killed ? undefined : (code ?? 124), steps, output }), 20),
    );
  });
}
