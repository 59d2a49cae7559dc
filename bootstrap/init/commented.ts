// A region file with comments: every key of the declaration, those that are not given as comments.
import { stringify } from 'yaml';
import { keys, type Key } from '../spec/keys.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** The text of a region file. `above` are lines that stand before it, as a comment. */
export function commentedFile(file: Mapping, above: readonly string[] = []): string {
  const head = ['Region file of cfha bootstrap. docs/region-file.md has all keys; cfha schema prints a JSON Schema.', ...above]; // prettier-ignore
  return [...head.map((line) => `# ${line}`.trimEnd()), '', ...block(file, '', '')].join('\n') + '\n';
}

function block(values: Mapping, path: string, indent: string): string[] {
  return keysWithin(path).flatMap((key) => {
    const name = key.path.slice(path === '' ? 0 : path.length + 1);
    const value = values[name];
    const comment = `${indent}# ${said(key)}`;
    if (value === undefined) return [comment, `${indent}${required(key) ? `${name}: # to be given` : `# ${name}:`}`];
    const inner = keysWithin(key.path);
    // A password is one short thing; a mapping of known keys is a block; all else is data on one line.
    if (inner.length > 1 && isMapping(value)) {
      return [comment, `${indent}${name}:`, ...block(value, key.path, `${indent}  `)];
    }
    return [comment, ...withValue(name, value).map((line) => indent + line)];
  });
}

function withValue(name: string, value: unknown): string[] {
  if (Array.isArray(value) && value.some(isMapping)) return [`${name}:`, ...value.map((item) => `  - ${flow(item)}`)];
  return [`${name}: ${flow(value)}`];
}

/** A value on one line. */
function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
}

function said({ is = '', must = '', without }: Key): string {
  const left = without === 'required' || without === undefined ? '' : `; if left out: ${without}`;
  const plain = must === 'a mapping' ? '' : `: ${must}`;
  return `${is}${plain}${left}`.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}

const required = ({ without }: Key): boolean => without === 'required';

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keysWithin(path: string): readonly Key[] {
  const depth = path === '' ? 1 : path.split('.').length + 1;
  const before = path === '' ? '' : `${path}.`;
  return keys().filter((key) => key.path.startsWith(before) && key.path.split('.').length === depth && !key.path.includes('[]')); // prettier-ignore
}
