// A clock that nobody sets: milliseconds since some moment of this boot, the same for all processes (CLOCK_MONOTONIC).
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
