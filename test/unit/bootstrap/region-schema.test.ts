import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { schema } from '../../../bootstrap/spec.ts';
import { regionJsonSchema } from '../../../bootstrap/spec/json-schema.ts';
import { keys } from '../../../bootstrap/spec/keys.ts';
import { aFile, three } from './pretend-hosts.ts';

// A validator made from the JSON document alone: nothing of the reader is in it.
const json = z.fromJSONSchema(JSON.parse(JSON.stringify(regionJsonSchema())) as Parameters<typeof z.fromJSONSchema>[0]);
const bySchema = (value: unknown): boolean => json.safeParse(value).success;
const byReader = (value: unknown): boolean => schema.safeParse(value).success;

/** A file with something in it replaced, at a path that the file has. */
const changed = fc
  .record({ path: fc.constantFrom(...paths(aFile)), value: fc.oneof(fc.jsonValue(), fc.constantFrom(...telling())) })
  .map(({ path, value }) => put(structuredClone(aFile), path, value));

function paths(value: unknown, before: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [before];
  const inner = Object.entries(value).flatMap(([key, one]) => paths(one, [...before, key]));
  return [...(before.length === 0 ? [] : [before]), ...inner, [...before, 'bogus']];
}

function telling() {
  return [undefined, '', 0, 24, 31, 5432, '10.77.0.300', '010.0.0.1', '10.0.0.0/8', 'debian', 'postgres', '/a/../b', 'a\nb', [], {}];
} // prettier-ignore

function put(file: unknown, path: readonly string[], value: unknown): unknown {
  const parent = path.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], file);
  (parent as Record<string, unknown>)[path.at(-1) ?? ''] = value;
  // What YAML cannot hold is not in a file.
  return JSON.parse(JSON.stringify(file)) as unknown;
}

describe('the JSON Schema and the reader', () => {
  it.each([aFile, { ...aFile, ...three }])('take the same good files', (file) => {
    expect([bySchema(file), byReader(file)]).toEqual([true, true]);
  });

  it('agree about every change of a file, but for what no pattern can say', () => {
    const beyond = (file: unknown) => {
      // Bits after the prefix, and what the agent's parameters must be: the reader's alone.
      const { clients, parameters } =
        (file as { postgres?: { clients?: unknown; parameters?: unknown } }).postgres ?? {};
      return parameters !== undefined || (Array.isArray(clients) && clients.some((one) => typeof one === 'string'));
    };
    const agree = fc.property(changed, (file) => {
      const [schemaTakes, readerTakes] = [bySchema(file), byReader(file)];
      if (readerTakes) expect({ file, schemaTakes }).toEqual({ file, schemaTakes: true });
      else if (!beyond(file)) expect({ file, schemaTakes }).toEqual({ file, schemaTakes: false });
    });
    fc.assert(agree, { numRuns: 3000 });
  });

  it.each(keys().map((key) => [key.path, key] as const))('%s is told with what it is and must be', (_, key) => {
    expect(key).toMatchObject({ is: expect.stringMatching(/./), must: expect.stringMatching(/./) });
    expect(key.without).toMatch(/./);
  });

  it('is the one of the page', () => {
    const file = join(import.meta.dirname, '../../../docs/region.schema.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(regionJsonSchema());
  });
});
