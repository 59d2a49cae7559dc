// Runs one part: its output goes through as it comes, or is shown at the end if the part is a quick check that failed.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { countsOfJest, countsOfOne, countsOfOutput, isCountsLine, judged, type Counts } from './counts.ts';
import { commandOf, type Command, type Part } from './parts.ts';

const root = join(import.meta.dirname, '../..');

type Ran = Readonly<{ code: number; lines: readonly string[]; late: boolean }>;

/** Runs the core or the whole of a part and counts. */
export async function perform(part: Part, whole: boolean): Promise<Counts> {
  if (part.needsRoot && process.getuid?.() !== 0) {
    process.stdout.write('  needs root: sudo scripts/test\n');
    return { passed: 0, failed: 1 };
  }
  return performCommand(part, { command: commandOf(part, whole), minutes: part.minutes[whole ? 1 : 0] });
}

type Extent = Readonly<{ command: Command; minutes: number }>;

async function performCommand(part: Part, { command, minutes }: Extent): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'cfha-test-'));
  try {
    const report = join(folder, 'report.json');
    const json = part.counting === 'by jest' ? ['--json', `--outputFile=${report}`] : [];
    const ran = await run([...command, ...json], { minutes, show: part.counting === 'by its last line' });
    const counts = judged(countsOf(part, ran, report), ran.code);
    if (counts.failed > 0) explain(part, command, ran);
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countsOf(part: Part, { code, lines }: Ran, report: string): Counts | undefined {
  switch (part.counting) {
    case 'as one':
      return countsOfOne(code);
    case 'by its last line':
      return countsOfOutput(lines);
    case 'by jest':
      try {
        return countsOfJest(readFileSync(report, 'utf8'));
      } catch {
        return undefined; // it ended before it wrote a report
      }
  }
}

function explain(part: Part, command: Command, { code, lines, late }: Ran): void {
  const shown = part.counting === 'by its last line' ? [] : lines.filter((line) => !isJestsJson(line));
  const how = late ? 'took too long and was stopped' : `exit code ${code}`;
  const all = [...shown, `${command.join(' ')}: ${how}`];
  process.stdout.write(all.map((line) => `  ${line}\n`).join(''));
}

/** `jest --json` prints its report as well, on one line. */
function isJestsJson(line: string): boolean {
  return line.startsWith('{"num');
}

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** In an object, for the type checker: a timer sets it while we wait. */
type Lateness = { late: boolean };

async function run(command: Command, { minutes, show }: { minutes: number; show: boolean }): Promise<Ran> {
  const [program, ...args] = command;
  // a group of its own: all that a part has started ends with it
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const note = (line: string): void => {
    lines.push(line);
    if (show && !isCountsLine(line)) process.stdout.write(`  ${line}\n`);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', note);
  const outcome: Lateness = { late: false };
  const timer = setTimeout(() => {
    outcome.late = true;
    stop(child);
  }, minutes * 60_000);
  const pass = (signal: NodeJS.Signals): void => signalGroup(child, signal);
  for (const signal of forwarded) process.on(signal, pass);
  const code = await exitCode(child);
  clearTimeout(timer);
  for (const signal of forwarded) process.off(signal, pass);
  return { ...outcome, lines, code: outcome.late ? 124 : code };
}

/** Runs a command that tidies up or prepares; its words matter only if it fails. True if it went well. */
export async function runQuietly(command: Command): Promise<boolean> {
  const { code, lines } = await run(command, { minutes: 5, show: false });
  if (code !== 0) process.stdout.write(lines.map((line) => `  ${line}\n`).join(''));
  return code === 0;
}

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', () => setTimeout(() => destroyStreams(child), 2000).unref());
    child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** A daemon that a part left behind holds its output open; we do not wait for it. */
function destroyStreams(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

const patienceMs = 60_000;

/** First kindly, so that a testbed is taken down. */
function stop(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM');
  setTimeout(() => signalGroup(child, 'SIGKILL'), patienceMs).unref();
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // the group is gone
  }
}
