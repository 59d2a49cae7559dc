// XML of any writer, read with xml2js: what is left of its many shapes are elements. The agent reads with scan.ts.
import { UnreadableAnswer } from '../host/exec.ts';
import type { Element } from './element.ts';

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
