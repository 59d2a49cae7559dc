// From bare servers to a healthy region in one command: how long it takes, and where the time goes, goal by goal.
import { runBootstrap, type Ended } from '../scenarios/bootstrapping.ts';
import { begin, untilHealthy, type Stage } from '../scenarios/stage.ts';
import { median, type Figure, type Report } from './figures.ts';

const most = 120;

/** Seconds by what they were spent on, in the order in which it happened. */
export type Spent = ReadonlyMap<string, number>;

/** What each goal took, from when it was begun until it was reached; before the first of them is the preflight. */
export function spentBy({ events }: Pick<Ended, 'events'>, began: number): Spent {
  const spent = new Map<string, number>();
  let since = began;
  for (const { event, id, state, at = since } of events) {
    if (event === 'goal' && spent.size === 0) {
      spent.set('preflight', (at - since) / 1000);
      since = at;
    }
    if (event !== 'goal' || id === undefined || state === 'begun') continue;
    spent.set(id, (at - since) / 1000);
    since = at;
  }
  return spent;
}

export async function benchBootstrap(stage: Stage, rounds: number): Promise<Report> {
  const runs: Spent[] = [];
  const totals: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await begin(stage, 'bare');
    const began = performance.now();
    const ended = await runBootstrap(stage);
    totals.push((performance.now() - began) / 1000);
    if (ended.code !== 0) throw new Error(`cfha bootstrap: exit code ${String(ended.code)}\n${ended.stderr}`);
    await untilHealthy(stage, 30);
    runs.push(spentBy(ended, began));
  }
  return { bench: 'bootstrap', figures: figuresOf(runs, totals) };
}

function figuresOf(runs: readonly Spent[], totals: readonly number[]): Figure[] {
  const names = [...(runs[0] ?? new Map<string, number>()).keys()];
  const total = median(totals);
  const parts = names.map((name) => ({ name, seconds: median(runs.map((run) => run.get(name) ?? 0)) }));
  const round = (seconds: number) => Math.round(seconds * 10) / 10;
  const plain = { unit: 's', n: totals.length };
  return [
    { name: 'bare to healthy', ...plain, ours: round(total), goal: `at most ${String(most)} s`, met: total <= most },
    ...parts
      .filter(({ seconds }) => seconds >= 0.1)
      .map(({ name, seconds }) => ({ name, ...plain, ours: round(seconds) })),
  ];
}
