// How much room a copy of a server needs.

/** More than the data: WAL that is written meanwhile, and room to live. */
export function neededFor(bytes: number): number {
  return Math.round(bytes * 1.1) + 256 * 1024 * 1024;
}
