// The kinds of parameter values: their OCF content type, what people are told, and how text becomes a value.

const truths = new Set(['yes', 'true', '1', 'YES', 'TRUE', 'True', 'ja', 'on', 'ON']);

export const types = {
  string: { xml: 'string', expects: 'text', read: (raw: string): string | undefined => raw },
  integer: {
    xml: 'integer',
    expects: 'a whole number',
    read: (raw: string): number | undefined => (/^\d{1,9}$/.test(raw) ? Number(raw) : undefined),
  },
  // As `ocf_is_true`: what is not one of the truths is false, so no text is wrong.
  boolean: { xml: 'boolean', expects: 'true or false', read: (raw: string): boolean | undefined => truths.has(raw) },
  goAlone: { xml: 'string', expects: 'proven or unproven', read: oneOf('proven', 'unproven') },
  rejoin: { xml: 'string', expects: 'manual, or rewind and clone in the order of preference', read: readWays },
  logicalSlots: { xml: 'string', expects: 'keep or drop', read: oneOf('keep', 'drop') },
  election: { xml: 'string', expects: 'rounds or published', read: oneOf('rounds', 'published') },
} as const;

/** The ways by which a server may be made a standby again without a person. */
export type Way = 'rewind' | 'clone';

/** `rewind,clone`: none twice; `manual` is none at all, and stands alone. */
export function readWays(raw: string): readonly Way[] | undefined {
  const words = raw.split(/[\s,]+/).filter(Boolean);
  if (words.length === 1 && words[0] === 'manual') return [];
  const ways = words.filter((word): word is Way => word === 'rewind' || word === 'clone');
  return ways.length > 0 && ways.length === words.length && new Set(ways).size === ways.length ? ways : undefined;
}

function oneOf<const W extends string>(...words: readonly W[]): (raw: string) => W | undefined {
  return (raw) => words.find((word) => word === raw);
}

export type TypeName = keyof typeof types;
export type ValueOf<T extends TypeName> = NonNullable<ReturnType<(typeof types)[T]['read']>>;
