// SOAP as text: what a request asks, what an answer looks like.
import { parseStringPromise, processors } from 'xml2js';

/** One call: the operation's name, and the text of each of its fields (the first, where there are several). */
export type Call = Readonly<{ operation: string; fields: Readonly<Record<string, string>> }>;

/** Reads a request; undefined if it is no SOAP request. */
export async function readCall(xml: string): Promise<Call | undefined> {
  const document = await parse(xml);
  const body = child(child(document, 'Envelope'), 'Body');
  const operation = Object.keys(body ?? {}).find((key) => key !== '$');
  if (!body || operation === undefined) return undefined;
  const content = child(body, operation) ?? {};
  const fields = Object.entries(content).map(([name, value]) => [name, textOf(value)] as const);
  return { operation, fields: Object.fromEntries(fields) };
}

type Element = Record<string, unknown>;

async function parse(xml: string): Promise<Element | undefined> {
  try {
    const tree: unknown = await parseStringPromise(xml, { tagNameProcessors: [processors.stripPrefix] });
    return isElement(tree) ? tree : undefined;
  } catch {
    return undefined; // not XML
  }
}

function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null;
}

function child(parent: Element | undefined, name: string): Element | undefined {
  const value = parent?.[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isElement(first) ? first : undefined;
}

function textOf(value: unknown): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first === 'string') return first;
  return isElement(first) && typeof first['_'] === 'string' ? first['_'] : '';
}

const namespaces = [
  'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"',
  'xmlns:xsd="http://www.w3.org/2001/XMLSchema"',
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
].join(' ');

function envelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope ${namespaces}><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
}

/** The answer of an operation; `returned` is XML. */
export function answerXml(operation: string, returned: string): string {
  return envelope(`<${operation}Response xmlns="urn:vim25">${returned}</${operation}Response>`);
}

/** A fault as vSphere answers it. */
export function faultXml(fault: string, message: string): string {
  const detail = `<detail><${fault}Fault xmlns="urn:vim25" xsi:type="${fault}"/></detail>`;
  return envelope(
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${escapeXml(message)}</faultstring>${detail}</soapenv:Fault>`,
  );
}

export function referenceXml(name: string, reference: Readonly<{ type: string; id: string }>): string {
  return `<${name} type="${reference.type}">${escapeXml(reference.id)}</${name}>`;
}

export function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (c) => entities[c] ?? c);
}
