// Whom cfha talks to: what it prints, what it asks, and the wish to end.
// readline is imported and not loaded when it is used: in the sealed executable nothing can be loaded by import().
import { createInterface } from 'node:readline/promises';

export const words = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
};

/**
 * The terminal, with Ctrl-C as a wish: the command at hand ends first. A second one, or one at a question, ends cfha at once, but for
 * work that may not be left half done. A terminal that is gone (a line that was lost) is a wish as well, and no more.
 */
export function terminal() {
  let asked = false;
  let questions = 0;
  let holding: string | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (holding === undefined && (asked || questions > 0)) process.exit(130);
      asked = true;
      process.stderr.write(holding ?? '\nStopping after the current command. Once more: stop at once.\n');
    });
  }
  process.on('SIGHUP', () => {
    if (questions > 0) process.exit(130);
    asked = true;
  });
  // What cannot be shown to anybody is not shown.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const line = async (text: string): Promise<string> => {
    questions += 1;
    return askForLine(text).finally(() => (questions -= 1));
  };
  const yes = async (text: string): Promise<boolean> => /^y(es)?$/i.test((await line(text)).trim());
  const atTerminal = process.stdin.isTTY;
  return {
    ...words,
    arch: process.arch,
    pid: process.pid,
    root: process.getuid?.() === 0,
    stopping: () => asked,
    /** Work that goes on to its end, which is near; `says` is told to who wants it to stop. */
    unstoppable: async <T>(says: string, work: () => Promise<T>): Promise<T> => {
      holding = `\n${says}\n`;
      return work().finally(() => (holding = undefined));
    },
    /** Asks for a yes; undefined if there is no terminal. */
    ask: atTerminal ? yes : undefined,
    /** Asks for a line; undefined if there is none. */
    line: atTerminal ? line : undefined,
  };
}

/** Ctrl-D answers with nothing. */
function askForLine(text: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // The terminal tells readline of Ctrl-C, and not the process.
  lines.on('SIGINT', () => {
    process.stderr.write('\n');
    process.exit(130);
  });
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  return Promise.race([lines.question(text), closed]).finally(() => lines.close());
}
