// Calls an agent as Pacemaker's executor does, and ends it with all its children when it takes too long.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { log, nodeFolder, type Side } from './side.ts';
import { environment } from './pacemaker.ts';
import { ourAgent, upstreamAgent } from './programs.ts';

export type Call = {
  readonly action: string;
  readonly node: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
};

/** Exit code of a call that was ended because it took too long. */
export const tookTooLong = 124;

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return -1;
  }
}

/** All processes below one, itself included. */
export function family(root: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), parentOf(pid)] as const);
  const found = [root];
  for (const member of found) found.push(...parents.filter(([, parent]) => parent === member).map(([pid]) => pid));
  return found;
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

/** Calls the agent; its exit code. What it printed goes to the node's file agent.log. */
export async function callAgent(side: Side, call: Call): Promise<number> {
  const program = side.agent === 'upstream' ? upstreamAgent : ourAgent();
  const output = openSync(join(nodeFolder(side, call.node), 'agent.log'), 'a');
  const env = environment(side, call.node, call.env);
  const started = performance.now();
  const child = spawn(
    program,
    [call.action].filter((word) => word !== ''),
    {
      env,
      cwd: '/',
      stdio: ['ignore', output, output],
    },
  );
  closeSync(output);
  const code = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => {
      family(child.pid ?? 0).forEach(kill);
      resolve(tookTooLong);
    }, call.limitMs);
    child.once('error', reject);
    child.once('exit', (status) => {
      clearTimeout(timer);
      resolve(status ?? tookTooLong);
    });
  });
  log(side, `${call.action} on ${call.node}: ${code} after ${Math.round(performance.now() - started)} ms`);
  return code;
}
