// What it means to run a program somewhere: the types that every outside program and every host share.

/** Program and arguments. Never a shell: what is in an argument stays in it. */
export type Argv = readonly [string, ...string[]];

export type Command = {
  readonly argv: Argv;
  /** Text for the program's standard input: the way for secrets, which must not be in `argv`. */
  readonly input?: string;
  /** Added to a minimal environment (PATH, LC_ALL=C). */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the program runs. */
  readonly cwd?: string;
  /** Whom it runs as. */
  readonly as?: { readonly uid: number; readonly gid: number };
  /** The program is killed when it takes longer. */
  readonly timeoutMs?: number;
  /** Told what the program writes to its standard error, as it comes. */
  readonly follow?: (text: string) => void;
};

/** How a program ended. A non-zero exit is an outcome, not an exception. */
export type Result = {
  /** The exit code; undefined if it was killed or could not be started. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no exit code. */
  readonly failure?: 'timed out' | 'not found' | 'killed' | 'said too much';
};

/** Runs a command on one host and never throws for the way it ended. */
export type Exec = (command: Command) => Promise<Result>;

/** A program answered something we cannot read: never guessed at. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer';
}

/** PATH of every program we start: fixed, so that the caller's environment decides nothing. */
export const path = '/usr/sbin:/usr/bin:/sbin:/bin';
