// Running `cfha bootstrap` as a program would: its events, and its sudden end at a chosen goal.
import { createInterface } from 'node:readline';
import type { Stage } from './stage.ts';
import { expect } from './waiting.ts';

export type Event = Readonly<{
  event: string;
  id?: string;
  state?: string;
  outcome?: string;
  executed?: number;
  /** ms, by our clock */ at?: number;
}>;
export type Ended = Readonly<{ code: number | undefined; events: readonly Event[]; stderr: string }>;

/** Says whether, and after how many ms, to kill -9 at a goal that is begun. */
export type Executioner = (goal: string) => number | undefined;

const mercy: Executioner = () => undefined;

/** Runs `cfha bootstrap --json` to its end, or to the one it is given. */
export async function runBootstrap(stage: Stage, executioner: Executioner = mercy): Promise<Ended> {
  const child = stage.testbed.start('admin', [stage.cfha, 'bootstrap', stage.region.path, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: Event[] = [];
  const note = (line: string): void => {
    const event: Event = { ...(JSON.parse(line) as Event), at: performance.now() };
    events.push(event);
    const afterMs = event.event === 'goal' && event.state === 'begun' ? executioner(event.id ?? '') : undefined;
    // the child is cfha itself: what leads to it only executes the next program in its place
    if (afterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), afterMs);
  };
  if (child.stdout) createInterface({ input: child.stdout }).on('line', note);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | undefined>((resolve) => child.once('close', (c) => resolve(c ?? undefined)));
  const said = endOf({ events })?.outcome;
  expect(code !== 0 || said === 'done', `exit code 0, but the last it said was ${JSON.stringify(events.at(-1))}`);
  return { code, events, stderr };
}

/** The last event. */
export function endOf({ events }: Pick<Ended, 'events'>): Event | undefined {
  return events.findLast(({ event }) => event === 'end');
}

/** A reproducible source of numbers from 0 to 1 (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
