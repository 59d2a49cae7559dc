// XML as plain elements: what is left of xml2js's many shapes that our readers need.
import { UnreadableAnswer } from '../host/exec.ts';

export type Element = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
};

type Raw = { readonly '#name': string; readonly $?: Record<string, string>; readonly $$?: readonly Raw[] };

/** The root element. Throws `UnreadableAnswer` if the text is not one whole document. */
export async function parseXml(text: string): Promise<Element | undefined> {
  const { Parser } = await import('xml2js');
  const parser = new Parser({ explicitRoot: false, explicitChildren: true, preserveChildrenOrder: true, strict: true });
  try {
    const raw = (await parser.parseStringPromise(text)) as Raw | null;
    return raw === null ? undefined : element(raw);
  } catch (cause) {
    throw new UnreadableAnswer(
      `not XML: ${cause instanceof Error ? cause.message.replaceAll('\n', ' ') : String(cause)}`,
      { cause },
    );
  }
}

function element(raw: Raw): Element {
  return { name: raw['#name'], attributes: raw.$ ?? {}, children: (raw.$$ ?? []).map(element) };
}

/** The elements of that name directly below one; none below nothing. */
export function children(owner: Element | undefined, name: string): readonly Element[] {
  return owner?.children.filter((found) => found.name === name) ?? [];
}

/** The pairs in sets of nvpair, by name. */
export function nvpairs(sets: readonly Element[]): Readonly<Record<string, string>> {
  const pairs = sets.flatMap((set) => children(set, 'nvpair'));
  return Object.fromEntries(pairs.map(({ attributes }) => [attributes['name'] ?? '', attributes['value'] ?? '']));
}
