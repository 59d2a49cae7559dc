// XML as plain elements: what our readers need of a document, however it was read (scan.ts, xml.ts).
export type Element = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
};

/** The elements of that name directly below one; none below nothing. */
export function children(owner: Element | undefined, name: string): readonly Element[] {
  return owner?.children.filter((found) => found.name === name) ?? [];
}

/** The pairs in sets of nvpair, by name. */
export function nvpairs(sets: readonly Element[]): Readonly<Record<string, string>> {
  const pairs = sets.flatMap((set) => children(set, 'nvpair'));
  return Object.fromEntries(pairs.map(({ attributes }) => [attributes['name'] ?? '', attributes['value'] ?? '']));
}
