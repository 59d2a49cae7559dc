// What stands in files that people write: each kind of value, and in words what it must be.
import * as z from 'zod';
import { ipv4 } from '../host/addresses.ts';

/** Something wrong in a file. */
export type Problem = { readonly path: string; readonly given: string; readonly expected: string };

/** A value that must pass a test; what it must be is said in words. */
export function text(expected: string, passes: RegExp | ((value: string) => boolean)) {
  const test = passes instanceof RegExp ? (value: string) => passes.test(value) : passes;
  return z.string({ error: expected }).refine(test, { error: expected });
}
export function whole(min: number, max: number) {
  const expected = `a whole number from ${String(min)} to ${String(max)}`;
  return z.number({ error: expected }).refine((n) => Number.isInteger(n) && n >= min && n <= max, { error: expected });
}
export function mapping<S extends z.ZodRawShape>(shape: S) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `no such key; the keys here are ${keys}` : `a mapping with the keys ${keys}`,
  });
}

export const hostName = text(
  'a host name in lower case',
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
);
export const address = text('an IPv4 address', (v) => ipv4(v) !== undefined);
export const absolute = text(
  'an absolute path without blanks or quotes, of at most 80 characters',
  /^(\/[A-Za-z0-9_.+@-]+)+$/,
).refine((v) => v.length <= 80 && !v.split('/').some((part) => part === '..' || part === '.'), {
  error: 'an absolute path of at most 80 characters, without . and ..',
});
export const filePath = text('the path of a file', (v) => v !== '' && !v.includes('\0'));
