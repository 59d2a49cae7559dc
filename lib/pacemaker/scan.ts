// The CIB's XML as plain elements, in under a millisecond: xml2js needs 8 ms cold for the 15 kB of two nodes, a fifth of
// a monitor (docs/decisions). What is read here is written by libxml2: elements, attributes, white space, comments.
// Anything else is refused, as is a document that is not whole. test/unit/lib/pacemaker/scan.test.ts compares with xml2js.
import { UnreadableAnswer } from '../host/exec.ts';
import type { Element } from './element.ts';

const attribute = /\s+([\w.:-]+)=(?:"([^"<]*)"|'([^'<]*)')/y;
const opening = /<([A-Za-z_][\w.:-]*)/y;
const openingEnd = /\s*(\/?)>/y;
const closing = /<\/([A-Za-z_][\w.:-]*)\s*>/y;
const ignored = /(?:\s+|<\?[^>]*\?>|<!--[^]*?-->)+/y;
const entity = /&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g;
const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

type Building = { readonly name: string; readonly attributes: Record<string, string>; readonly children: Building[] };

/** The root element. Throws `UnreadableAnswer` with the place if the text is not one whole document. */
export function scanXml(text: string): Element {
  const reader = { text, at: 0 };
  skip(reader);
  const root = open(reader);
  const path = root.empty ? [] : [root.element];
  for (let inner = path.at(-1); inner !== undefined; inner = path.at(-1)) {
    skip(reader);
    const close = match(reader, closing);
    if (close === undefined) {
      const { element, empty } = open(reader);
      inner.children.push(element);
      if (!empty) path.push(element);
    } else if (close[1] === inner.name) path.pop();
    else refuse(reader, `</${inner.name}>`);
  }
  skip(reader);
  if (reader.at < text.length) refuse(reader, 'the end');
  return root.element;
}

type Reader = { readonly text: string; at: number };

function match(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text);
  if (found === null) return undefined;
  reader.at = pattern.lastIndex;
  return found;
}

function skip(reader: Reader): void {
  match(reader, ignored);
}

function open(reader: Reader): { readonly element: Building; readonly empty: boolean } {
  const name = match(reader, opening)?.[1] ?? refuse(reader, 'an element');
  const attributes: Record<string, string> = {};
  for (let pair = match(reader, attribute); pair !== undefined; pair = match(reader, attribute)) {
    attributes[pair[1] ?? ''] = plain(pair[2] ?? pair[3] ?? '');
  }
  const end = match(reader, openingEnd) ?? refuse(reader, 'the end of an element');
  return { element: { name, attributes, children: [] }, empty: end[1] === '/' };
}

function plain(value: string): string {
  return value.includes('&') ? value.replace(entity, decode) : value;
}

function decode(all: string, ...[decimal, hexadecimal, name]: readonly (string | undefined)[]): string {
  const code = Number(decimal ?? `0x${hexadecimal ?? ''}`);
  return name === undefined && code <= 0x10ffff ? String.fromCodePoint(code) : (named[name ?? ''] ?? all);
}

function refuse({ text, at }: Reader, expected: string): never {
  throw new UnreadableAnswer(`not XML: ${expected} expected at ${at} of ${text.length} characters`);
}
