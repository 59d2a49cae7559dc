// What an agent told when an operation failed: its code and its words. Pacemaker keeps the first 127 bytes. Pure.
import { reasons } from '../../agent/reasons.ts';

type Code = keyof typeof reasons;

export type ExitReason = { readonly code: Code | undefined; readonly words: string };

const longest = 127;

function codeNamed(name: string | undefined): Code | undefined {
  return Object.keys(reasons).find((code): code is Code => code === name);
}

/** The only code that begins so: agents up to version 0.1 told it last, where it was cut. */
function codeBeginning(letters: string): Code | undefined {
  const [only, ...more] = Object.keys(reasons).filter((code): code is Code => code.startsWith(letters));
  return more.length === 0 ? only : undefined;
}

/** Reads `[CODE] words`, and `words [CODE]` of an agent before. */
export function readExitReason(text: string): ExitReason {
  const [, first, after = ''] = /^\[([A-Z_]+)\] ([^]*)$/.exec(text) ?? [];
  if (first !== undefined) return { code: codeNamed(first), words: withEllipsis(after, text) };
  return readFormer(text) ?? { code: undefined, words: withEllipsis(text, text) };
}

function readFormer(text: string): ExitReason | undefined {
  const [, words, last, whole] = /^([^]*?) \[([A-Z_]+)(\]?)$/.exec(text) ?? [];
  if (words === undefined || last === undefined) return undefined;
  return { code: whole === ']' ? codeNamed(last) : codeBeginning(last), words };
}

function withEllipsis(words: string, whole: string): string {
  return Buffer.byteLength(whole) >= longest ? `${words}…` : words;
}
