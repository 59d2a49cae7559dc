// What happens later: a heap of events, ordered by time and then by the order in which they were put in. Both are one number,
// since a million schedules compare them billions of times.

export type Event = { readonly at: number; readonly run: () => void };
/** Whole milliseconds times `most`, and how many were put in before: exact up to 2^53. */
export type Queue = { readonly keys: number[]; readonly runs: (() => void)[]; put: number };

const most = 2 ** 22;

export function emptyQueue(): Queue {
  return { keys: [], runs: [], put: 0 };
}

export function put(queue: Queue, at: number, run: () => void): void {
  const { keys, runs } = queue;
  const key = at * most + queue.put++;
  let hole = keys.length;
  keys.push(key);
  runs.push(run);
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = keys[parent];
    if (above === undefined || above < key) break;
    move(queue, parent, hole);
    hole = parent;
  }
  keys[hole] = key;
  runs[hole] = run;
}

export function take(queue: Queue): Event | undefined {
  const { keys, runs } = queue;
  const [key, run] = [keys[0], runs[0]];
  const [lastKey, lastRun] = [keys.pop(), runs.pop()];
  if (key === undefined || run === undefined || lastKey === undefined || lastRun === undefined) return undefined;
  if (keys.length > 0) sink(queue, lastKey, lastRun);
  return { at: Math.floor(key / most), run };
}

function sink(queue: Queue, key: number, run: () => void): void {
  const { keys, runs } = queue;
  let hole = 0;
  for (;;) {
    const child = smallerChild(keys, hole);
    const below = keys[child];
    if (below === undefined || below > key) break;
    move(queue, child, hole);
    hole = child;
  }
  keys[hole] = key;
  runs[hole] = run;
}

function move({ keys, runs }: Queue, from: number, to: number): void {
  const [key, run] = [keys[from], runs[from]];
  if (key === undefined || run === undefined) return;
  keys[to] = key;
  runs[to] = run;
}

function smallerChild(keys: readonly number[], hole: number): number {
  const left = 2 * hole + 1;
  const [a, b] = [keys[left], keys[left + 1]];
  return a !== undefined && b !== undefined && b < a ? left + 1 : left;
}
