/** What the testbed cannot do, in one line that says what to do next. */
export class Refusal extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line was wrong. */
export function badUsage(message: string): Refusal {
  return new Refusal(message, 2);
}
