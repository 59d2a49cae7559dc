// The two clocks. How long something takes, or may take, is never asked of the one that people and NTP set.

/** Milliseconds since some moment of this boot, the same for all processes (CLOCK_MONOTONIC). */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** Milliseconds since 1970: to be shown, written down, or compared with what was written down. It may jump. */
export function timeOfDayMs(): number {
  return Date.now();
}
