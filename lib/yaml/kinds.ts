// Kinds of values in files that people write: the region file, global.yaml. What a value must be is said in words here, and nowhere else: the reader's messages,
// the JSON Schema and docs/region-file.md come from these declarations.
import * as z from 'zod';
import { isNetwork } from '../host/addresses.ts';
import { nearest } from '../host/nearest.ts';

/** What people are told about a key: what it is, what its value must be, what happens without it. */
export type Told = { readonly is?: string; readonly must?: string; readonly without?: string };

export const told = z.registry<Told>();

/** A key with what it is; `without` tells what holds if it is left out. */
export function key<T extends z.ZodType>(type: T, is: string, without = 'required'): T {
  // A type may be used for several keys: what is told belongs to the key.
  const copy = type.clone();
  told.add(copy, { ...told.get(type), is, without });
  return copy;
}

function saying<T extends z.ZodType>(type: T, must: string): T {
  told.add(type, { must });
  return type;
}

/** A text that a pattern describes, which the JSON Schema gets too; `more` is what no pattern can say. */
export function text(must: string, pattern: RegExp, more: (value: string) => boolean = () => true) {
  return saying(z.string({ error: must }).regex(pattern, { error: must }).refine(more, { error: must }), must);
}

export function whole(min: number, max: number) {
  const must = `a whole number from ${String(min)} to ${String(max)}`;
  return saying(z.int({ error: must }).min(min, { error: must }).max(max, { error: must }), must);
}

/** A key that is given or not. */
export const yes = saying(z.literal(true, { error: 'true' }), 'true');

/** A mapping with exactly these keys. */
export function mapping<S extends z.ZodRawShape>(shape: S) {
  const keys = Object.keys(shape);
  const must = `a mapping with the keys ${keys.join(', ')}`;
  const error = (issue: { code?: string | undefined; keys?: unknown }) =>
    issue.code === 'unrecognized_keys' ? noSuchKey(issue.keys, keys) : must;
  return saying(z.strictObject(shape, { error }), 'a mapping');
}

function noSuchKey(given: unknown, known: readonly string[]): string {
  const meant = (Array.isArray(given) ? given : []).map(String).flatMap((one) => nearest(one, known) ?? []);
  return `no such key${question(meant.length === 0 ? undefined : meant.join(', '))}; the keys here are ${known.join(', ')}`;
}

/** What may have been meant, as a question. */
export function question(meant: string | undefined): string {
  return meant === undefined ? '' : ` (is ${meant} meant?)`;
}

export function oneOf<const W extends readonly [string, ...string[]]>(words: W) {
  const must = words.length > 4 ? `one of ${words.join(', ')}` : words.join(' or ');
  const error = ({ input }: { input?: unknown }) => `${must}${question(nearest(String(input), words))}`;
  return saying(z.enum(words, { error }), must);
}

export function listOf<T extends z.ZodType>(type: T, must: string, [min, max]: readonly [number, number]) {
  return saying(z.array(type, { error: must }).min(min, { error: must }).max(max, { error: must }), must);
}

export function mapOf<K extends z.core.$ZodRecordKey, V extends z.ZodType>(keys: K, values: V, must: string) {
  return saying(z.record(keys, values, { error: must }), must);
}

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
export const ipv4Pattern = new RegExp(`^(${octet}\\.){3}${octet}$`);

export const hostName = text(
  'a host name in lower case',
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
);
export const address = text('an IPv4 address', ipv4Pattern);
export const networkOf = text(
  'a network as 10.1.2.0/24, without bits after the prefix',
  new RegExp(`^(${octet}\\.){3}${octet}/(3[0-2]|[12]?[0-9])$`),
  isNetwork,
);
export const absolute = text(
  'an absolute path of at most 80 characters, without blanks, quotes, . and ..',
  /^(?=.{1,80}$)(\/(?!\.{1,2}(\/|$))[A-Za-z0-9_.+@-]+)+$/,
);
export const filePath = text('the path of a file', /^[^\0]+$/);
export const password = mapping({
  file: key(
    filePath.optional(),
    'file that holds the password alone on one line; only its owner may read it',
    'one of the others',
  ),
  env: key(
    text('the name of an environment variable', /^[A-Za-z_][A-Za-z0-9_]*$/).optional(),
    'variable of cfha’s environment that holds it',
    'one of the others',
  ),
  prompt: key(yes.optional(), 'it is asked for at the terminal', 'one of the others'),
});
export const virtual = mapping({
  address: key(address, 'an unused address of a network that all nodes are in'),
  prefix: key(whole(8, 30), 'prefix of its network'),
});
export const scalar = z
  .union([z.string().regex(/^[^\n\r\0]*$/), z.number(), z.boolean()], { error: 'a text of one line, or a number' })
  .transform(String);
