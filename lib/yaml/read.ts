// Text of a file that people write -> its value, and what a schema says of it, as problems: where, what was given, what is expected.
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Problem } from './fields.ts';

/** The value of the text, or why it is no YAML. */
export function parsedYaml(text: string): { value: unknown } | { problems: Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = document.errors.map(({ message, pos }) => {
    const { line, col } = lines.linePos(pos[0]);
    return { path: `line ${String(line)}, column ${String(col)}`, given: message.trim(), expected: 'YAML' };
  });
  if (problems.length > 0) return { problems };
  try {
    return { value: document.toJS({ maxAliasCount: 20 }) as unknown };
  } catch (error) {
    return { problems: [{ path: 'the file', given: String(error), expected: 'YAML' }] };
  }
}

/** What a schema has found, with what was given. */
export function problemsOf(issue: z.core.$ZodIssue, value: unknown): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      given: given(at(value, [...issue.path, key]), [key]),
      expected: issue.message,
    }));
  }
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ path: pathText(issue.path), given: given(at(value, issue.path), issue.path), expected: message }];
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** `postgres.clients[0]` */
export function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file';
  return path
    .map((key, i) => (typeof key === 'number' ? `[${String(key)}]` : (i === 0 ? '' : '.') + String(key)))
    .join('');
}

// A password that stands where only a file may be named must not reach the terminal or a log either.
const secretKey = /pass(word|wd|phrase)?$|secret|token/i;

function given(value: unknown, path: readonly PropertyKey[] = []): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${String(value.length)}`;
  if (typeof value === 'object' && value !== null) return 'a mapping';
  if (secretKey.test(String(path.at(-1)))) return '(not shown)';
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}
