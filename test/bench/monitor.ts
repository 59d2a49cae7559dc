// Our steady monitor and upstream's: same node, same state, same call, in turn.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../scenarios/stage.ts';
import { captureMonitor, ofUpstream, type Call } from './captured-call.ts';
import { figure, median, type Figure, type Goal, type Report } from './figures.ts';

type Measured = Readonly<{ wall: number; cpu: number; code: number }>;
type Both<T> = Readonly<{ ours: T; upstream: T }>;

const tracedCalls = 3;

const wallGoal = (most: number): Goal => ({ text: `ratio at most ${most}`, met: ({ ratio }) => ratio <= most });
const wallGoals = { primary: wallGoal(0.15), standby: wallGoal(0.3) } as const;
const processGoal: Goal = { text: 'ours at most 2', met: ({ ours }) => ours <= 2 };

/** The exit code of a steady monitor. */
const roles = { primary: 8, standby: 0 } as const;
type Role = keyof typeof roles;

/** Measures on both nodes. */
export async function benchMonitor(stage: Stage, rounds: number): Promise<Report> {
  const [primary = ''] = (await stage.look())?.promoted ?? [];
  const nodes: readonly (readonly [Role, string])[] = [
    ['primary', primary],
    ['standby', stage.otherThan(primary)],
  ];
  const figures: Figure[] = [];
  for (const [role, node] of nodes) figures.push(...(await measureOn(stage, { role, node, rounds })));
  return { bench: 'monitor', figures };
}

type Place = Readonly<{ role: Role; node: string; rounds: number }>;

async function measureOn(stage: Stage, { role, node, rounds }: Place): Promise<readonly Figure[]> {
  stage.say(`${role} (${node}): waiting for a monitor of Pacemaker's`);
  const call = await captureMonitor(stage, node);
  const calls = { ours: call, upstream: ofUpstream(call) };
  stage.say(`${role} (${node}): ${rounds} calls of each agent in turn`);
  const times = await measure(stage, { node, calls, rounds });
  checkCodes(role, times);
  const started = {
    ours: await processes(stage, node, calls.ours),
    upstream: await processes(stage, node, calls.upstream),
  };
  const [wall, cpu] = [(m: Measured) => m.wall, (m: Measured) => m.cpu];
  return [
    figure(
      { name: `${role} monitor wall`, unit: 's', goal: wallGoals[role] },
      times.ours.map(wall),
      times.upstream.map(wall),
    ),
    figure({ name: `${role} monitor cpu`, unit: 's' }, times.ours.map(cpu), times.upstream.map(cpu)),
    figure({ name: `${role} monitor processes`, unit: 'processes', goal: processGoal }, started.ours, started.upstream),
  ];
}

type Task = Readonly<{ node: string; calls: Both<Call>; rounds: number }>;

async function measure(stage: Stage, { node, calls, rounds }: Task): Promise<Both<readonly Measured[]>> {
  const program = readFileSync(join(import.meta.dirname, 'measure.py'), 'utf8');
  const input = JSON.stringify({ rounds, programs: calls });
  return JSON.parse(await stage.must(node, ['python3', '-c', program], { input })) as Both<readonly Measured[]>;
}

/** An agent that fails is fast: such a measurement would say nothing. */
function checkCodes(role: Role, times: Both<readonly Measured[]>): void {
  for (const [side, all] of Object.entries(times)) {
    const wrong = all.filter(({ code }) => code !== roles[role]);
    if (wrong[0] !== undefined)
      throw new Error(`${side}: ${wrong.length} of ${all.length} monitors of the ${role} ended with ${wrong[0].code}`);
  }
}

/** How many processes a call starts, itself not counted: fork, vfork, clone and clone3, but not threads. */
async function processes(stage: Stage, node: string, call: Call): Promise<readonly number[]> {
  const counts: number[] = [];
  for (let i = 0; i < tracedCalls; i++) counts.push(await startedBy(stage, node, call));
  return [median(counts)];
}

const traced = 'trace=fork,vfork,clone,clone3';

async function startedBy(stage: Stage, node: string, call: Call): Promise<number> {
  const env = Object.entries(call.env).map(([name, value]) => `${name}=${value}`);
  const file = '/run/cfha-bench.strace';
  const strace = [
    'strace',
    '-f',
    '-qq',
    '-e',
    'signal=none',
    '-e',
    traced,
    '-o',
    file,
    'env',
    '-i',
    ...env,
    ...call.argv,
  ];
  await stage.on(node, strace);
  const lines = (await stage.must(node, ['cat', file])).split('\n');
  return countStarted(lines);
}

/** Of a strace, the successful starts of processes; a call in two halves counts once. */
export function countStarted(lines: readonly string[]): number {
  const thread = (line: string): boolean => line.includes('CLONE_THREAD');
  const begins = lines.filter((line) => /\b(?:fork|vfork|clone|clone3)\(/.test(line) && !thread(line));
  return begins.filter((line) => !line.includes('= -1 ')).length;
}
