// What our scripts print on a host: one `key value` a line, `end` last, so that a truncated answer is told from a short one.
import { UnreadableAnswer, type Result } from '../lib/host/exec.ts';

export type Answer = {
  /** The value of the only line with this key; undefined without one. */
  readonly one: (key: string) => string | undefined;
  /** The values of all lines with this key. */
  readonly all: (key: string) => readonly string[];
};

/** Reads what a script printed. Throws `UnreadableAnswer` if it is not whole. */
export function readAnswer({ code, stdout, stderr, failure }: Result): Answer {
  const lines = stdout.split('\n');
  if (code !== 0 || lines.at(-1) !== '' || lines.at(-2) !== 'end') {
    const why = failure ?? `exit code ${String(code)}`;
    throw new UnreadableAnswer(`the host's answer is not whole (${why}): ${stderr.trim().split('\n').at(-1) ?? ''}`);
  }
  const pairs = lines.slice(0, -2).map((line): [string, string] => {
    const blank = line.indexOf(' ');
    return blank < 0 ? [line, ''] : [line.slice(0, blank), line.slice(blank + 1)];
  });
  const all = (key: string) => pairs.filter(([name]) => name === key).map(([, value]) => value);
  return { one: (key) => all(key).at(-1), all };
}

/** Text that a script printed as base64. */
export function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined || base64 === '' ? undefined : Buffer.from(base64, 'base64').toString('utf8');
}
