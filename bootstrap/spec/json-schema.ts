// The JSON Schema of the region file, from the declaration that the reader uses. Rules between keys, and what no pattern can
// say, are the reader's alone: what the schema refuses, the reader refuses, not the other way round.
import * as z from 'zod';
import { schema } from '../spec.ts';
import { told } from '../../lib/yaml/kinds.ts';

/** For editors: `# yaml-language-server: $schema=FILE` as the first line of a region file. */
export function regionJsonSchema(): Readonly<Record<string, unknown>> {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ zodSchema, jsonSchema }) => {
      const words = told.get(zodSchema as unknown as z.ZodType);
      if (words?.is !== undefined) jsonSchema.description = words.is;
    },
  });
  return { title: 'Region file of cfha bootstrap', ...made };
}

/** The same as text. */
export function schemaText(): string {
  return `${JSON.stringify(regionJsonSchema(), null, 2)}\n`;
}
