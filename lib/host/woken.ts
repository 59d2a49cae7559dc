// What a program must mend when it wakes from a snapshot, and what it owes to its caller if its work does not end.

/**
 * Node keeps in the snapshot when the timers of the build were to fire next, though in the new process none of them is set
 * (`nextExpiry` in lib/internal/timers.js, Node 26). A timer that ends later than that is then never set either: a time-out
 * that never comes, and an event loop that sees nothing to wait for. The first timer that fires makes Node look again.
 */
function mendTimers(): void {
  setTimeout(() => undefined, 1);
}

/**
 * Runs a program to its end. If nothing is left that could end it, the process fails: to end with 0 would tell Pacemaker, or
 * an administrator, that what was asked for is done.
 */
export function wake(program: () => Promise<number>, ended: (code: number) => void): void {
  mendTimers();
  const fail = (why: string): never => {
    process.stderr.write(`internal error: ${why}. Please report it.\n`);
    process.exit(1);
  };
  const abandoned = () => fail('nothing is left to wait for, but the work is not done');
  process.once('beforeExit', abandoned);
  program().then(
    (code) => {
      process.off('beforeExit', abandoned);
      ended(code);
    },
    (bug: unknown) => fail(bug instanceof Error ? (bug.stack ?? bug.message) : String(bug)),
  );
}
