// The command lines of cfha wal archive and restore.
import { parseArgs } from 'node:util';

export type FileCall = {
  readonly action: 'archive' | 'restore';
  readonly arguments: readonly [string, string];
  readonly directory: string | undefined;
};

/** Reads the command line; undefined if it is another command's, or not well formed: then cfha explains it. */
export function readFileCall([command, action, ...args]: readonly string[]): FileCall | undefined {
  if (command !== 'wal' || (action !== 'archive' && action !== 'restore')) return undefined;
  const { words, directory } = parsed(args);
  const [first, second] = words;
  if (first === undefined || second === undefined || words.length > 2) return undefined;
  return { action, arguments: [first, second], directory };
}

function parsed(args: readonly string[]): { words: readonly string[]; directory: string | undefined } {
  try {
    const options = { directory: { type: 'string' } } as const;
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { words: positionals, directory: values.directory };
  } catch {
    return { words: [], directory: undefined };
  }
}
