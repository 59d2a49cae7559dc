// Work that many wait for is done once; nobody waits longer than a limit, and what does not end is not begun a second time.

export type Timed<T> = { readonly value: T } | { readonly sinceMs: number };

/** `work` runs at most once at a time. Whoever asks gets its result, or since when it has been running. */
export function once<T>(work: () => Promise<T>, nowMs: () => number): (limitMs: number) => Promise<Timed<T>> {
  let running: { readonly done: Promise<T>; readonly began: number } | undefined;
  return async (limitMs) => {
    const now = running ?? { done: work(), began: nowMs() };
    if (running === undefined) {
      running = now;
      const end = (): void => void (running = undefined);
      now.done.then(end, end);
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), limitMs)));
    try {
      const first = await Promise.race([now.done.then((value) => ({ value })), late]);
      return first ?? { sinceMs: nowMs() - now.began };
    } finally {
      clearTimeout(timer);
    }
  };
}

/** The same, and a result that is younger than `freshMs` is given again. One that came too late is not kept. */
export function fresh<T>(ask: () => Promise<T>, freshMs: number, nowMs: () => number): () => Promise<T> {
  let last: { readonly at: number; readonly value: Promise<T> } | undefined;
  return () => {
    if (last === undefined || nowMs() - last.at >= freshMs) {
      const value = ask();
      const mine = { at: Infinity, value };
      last = mine;
      // It is as old as its question, not as its answer: that much of it may have changed meanwhile.
      const began = nowMs();
      value.then(() => void (mine.at = began), () => void (mine.at = -Infinity)); // prettier-ignore
    }
    return last.value;
  };
}
