// Waiting for a level, never for a time: what scenarios are told with.
import { performance } from 'node:perf_hooks';
import { sleep } from '../testbed/processes.ts';

const everyMs = 250;

/** Asks until the answer is something; the answer. Its last words are the error. */
export async function waitUntil<T>(
  what: string,
  question: () => Promise<T | undefined | false>,
  seconds: number,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await question();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(everyMs);
  }
}

/** Does the work and asks meanwhile: the answer must never be no. */
export async function staysWhile<T>(
  what: string,
  question: () => Promise<boolean>,
  work: () => Promise<T>,
): Promise<T> {
  const state = { done: false, broken: false };
  const watch = async (): Promise<void> => {
    while (!state.done && !state.broken) {
      if (!(await question())) state.broken = true;
      else await sleep(everyMs);
    }
  };
  const watching = watch();
  try {
    return await work();
  } finally {
    state.done = true;
    await watching;
    if (state.broken) throw new Error(`did not stay: ${what}`);
  }
}

/** A scenario's claim. */
export function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}
