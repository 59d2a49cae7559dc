// Text of a file that people write -> its value, and what a schema says of it, as problems: where, what was given, what is expected.
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import type { z } from 'zod';

/** Something wrong in the region file. */
export type Problem = {
  readonly path: string;
  readonly given: string;
  readonly expected: string;
  /** Where in the file. */
  readonly at?: { readonly line: number; readonly column: number };
};

/** A problem as people are told it. */
export function inWords({ path, given, expected, at }: Problem): string {
  const where = at === undefined ? '' : `line ${at.line}, column ${at.column}: `;
  return `${where}${path}: given ${given}; expected ${expected}`;
}

type Place = NonNullable<Problem['at']>;
type Path = readonly (string | number)[];

/** The value of the text, and problems with where their keys stand; or why it is no YAML. */
export function parsedYaml(
  text: string,
): { value: unknown; placed: (problems: readonly Problem[]) => Problem[] } | { problems: Problem[] } {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = document.errors.map(({ message, pos }) => {
    return { path: 'the file', given: message.trim(), expected: 'YAML', at: place(pos[0]) };
  });
  if (problems.length > 0) return { problems };
  try {
    const value = document.toJS({ maxAliasCount: 20 }) as unknown;
    const at = (path: string) => place(offsetOf(document.contents, pathOf(path)));
    return { value, placed: (all) => all.map((problem) => ({ ...problem, at: at(problem.path) })) };
  } catch (error) {
    return { problems: [{ path: 'the file', given: String(error), expected: 'YAML' }] };
  }
}

/** Where a key stands; the one around it if it is not there. */
function offsetOf(node: unknown, path: Path): number {
  const here = isNode(node) ? node.range?.[0] : undefined;
  return (path.length === 0 ? here : within(node, path)) ?? here ?? 0;
}

function within(node: unknown, path: Path): number | undefined {
  if (isMap(node)) return inMapping(node, path);
  const item = isSeq(node) ? node.items[Number(path[0])] : undefined;
  return item === undefined ? undefined : offsetOf(item, path.slice(1));
}

function inMapping(node: YAMLMap, path: Path): number | undefined {
  // A key may have dots in it (the name of a host): then it is several steps of the path.
  for (let steps = 1; steps <= path.length; steps++) {
    const name = path.slice(0, steps).join('.');
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === name);
    if (pair === undefined) continue;
    const rest = path.slice(steps);
    // A scalar is wrong by its value, a mapping by its key.
    return rest.length === 0 && !isScalar(pair.value) ? offsetOf(pair.key, []) : offsetOf(pair.value, rest);
  }
  return undefined;
}

/** `postgres.clients[0]` as steps. */
function pathOf(text: string): Path {
  if (text === 'the file') return [];
  return [...text.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) => key ?? Number(index));
}

/** What a schema has found, with what was given. */
export function problemsOf(issue: z.core.$ZodIssue, value: unknown): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      given: given(valueAt(value, [...issue.path, key]), [key]),
      expected: issue.message,
    }));
  }
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ path: pathText(issue.path), given: given(valueAt(value, issue.path), issue.path), expected: message }];
}

/** What stands at a path; undefined if nothing does. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
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
