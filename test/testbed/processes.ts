// Programs of the host that the testbed is made with: run one, get what came of it.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { Refusal } from './refusal.ts';

export type Outcome = Readonly<{ code: number; stdout: string; stderr: string }>;
export type RunOptions = Readonly<{ input?: string; cwd?: string; env?: NodeJS.ProcessEnv; timeoutMs?: number }>;
export type Command = Readonly<{ file: string; args: readonly string[] }>;

const longestMs = 2 ** 31 - 1; // of a timer

/** Starts a command; its streams are for the caller. */
export function start(command: Command, options: SpawnOptions = {}): ChildProcess {
  return spawn(command.file, [...command.args], options);
}

/** The exit code of a child as a shell would tell it, also of one that has ended. */
export function exitCode(child: ChildProcess): Promise<number> {
  const asShell = (code: number | null, signal: NodeJS.Signals | null) =>
    code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(asShell(child.exitCode, child.signalCode));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(asShell(code, signal)));
  });
}

/** Runs a command to its end; a code other than 0 is a result, not an error. */
export async function run(command: Command, options: RunOptions = {}): Promise<Outcome> {
  const child = spawn(command.file, [...command.args], { cwd: options.cwd, env: options.env, stdio: 'pipe' });
  const end = exitCode(child);
  child.stdin.on('error', () => undefined); // the command may end without reading its input
  child.stdin.end(options.input ?? '');
  const [stdout, stderr] = [gather(child.stdout), gather(child.stderr)];
  const timer = setTimeout(() => abandon(child), options.timeoutMs ?? longestMs);
  const code = await end;
  clearTimeout(timer);
  return { code, stdout: stdout(), stderr: stderr() };
}

function gather(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

/** Kills a command, and listens no longer to what it may have left in the background. */
function abandon(child: ChildProcess): void {
  passSignal(child, 'SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** Runs a command that has to succeed. */
export async function must(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run({ file, args }, options);
  if (code !== 0) throw new Refusal(`${file} ${args.join(' ')} failed (${code}): ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** nsenter stays between us and what it started in a node and passes no signal on, so its children get it. */
export function passSignal(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const comm = readOr('', `/proc/${child.pid}/comm`).trim();
  const inner =
    comm === 'nsenter' ? readOr('', `/proc/${child.pid}/task/${child.pid}/children`).split(' ').filter(Boolean) : [];
  for (const pid of inner) process.kill(Number(pid), signal);
  if (inner.length === 0) child.kill(signal);
}

function readOr(otherwise: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise; // the process ended meanwhile
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export type Patience = Readonly<{ seconds: number; everyMs?: number }>;

/** Asks until the answer is yes; false if patience runs out first. */
export async function until(question: () => Promise<boolean> | boolean, patience: Patience): Promise<boolean> {
  const end = performance.now() + patience.seconds * 1000;
  while (!(await question())) {
    if (performance.now() > end) return false;
    await sleep(patience.everyMs ?? 50);
  }
  return true;
}
