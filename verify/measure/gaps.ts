// Times without an acknowledged write, as a client felt them. Pure.

/** Where it began and how long it was, in seconds of the run. */
export type Gap = Readonly<{ at: number; seconds: number }>;

const notableMs = 300;

/** The gaps between acknowledgements; one that lasts to the end of the run counts, the time before the first does not. */
export function gapsBetween(times: readonly number[], endMs: number): readonly Gap[] {
  const ends = [...times.slice(1), endMs];
  return times.flatMap((at, i) => {
    const length = (ends[i] ?? at) - at;
    return length > notableMs ? [{ at: inSeconds(at), seconds: inSeconds(length) }] : [];
  });
}

export function longestGap(times: readonly number[], endMs: number): number {
  const all = [...times, endMs];
  return inSeconds(all.slice(1).reduce((most, time, i) => Math.max(most, time - (all[i] ?? time)), 0));
}

export function inSeconds(ms: number): number {
  return Math.round(ms) / 1000;
}
