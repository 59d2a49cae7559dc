// The keys of the region file as a list, for its page and for `cfha init`.
import * as z from 'zod';
import { schema } from '../spec.ts';
import { told, type Told } from '../../lib/yaml/kinds.ts';

export type Key = Told & { readonly path: string };

/** All keys, each before those within it. */
export function keys(): readonly Key[] {
  return within(schema, '');
}

function within(type: z.ZodType, path: string): readonly Key[] {
  const bare = unwrapped(type);
  if (bare instanceof z.ZodArray) return within(bare.element as z.ZodType, `${path}[]`);
  if (!(bare instanceof z.ZodObject)) return [];
  return Object.entries(bare.shape as Record<string, z.ZodType>).flatMap(([name, inner]) => {
    const here = path === '' ? name : `${path}.${name}`;
    const must = told.get(unwrapped(inner))?.must ?? told.get(inner)?.must;
    return [{ ...told.get(inner), ...(must === undefined ? {} : { must }), path: here }, ...within(inner, here)];
  });
}

/** What is inside of optional and default. */
function unwrapped(type: z.ZodType): z.ZodType {
  const wraps =
    type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodPrefault ? type : undefined;
  return wraps === undefined ? type : unwrapped(wraps.unwrap() as z.ZodType);
}
