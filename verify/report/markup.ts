// Text for XML and HTML. Pure.
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Also without the control characters that XML 1.0 does not allow. */
export function escaped(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').replace(/[&<>"']/g, (one) => entities[one] ?? one);
} // prettier-ignore

type Attributes = Readonly<Record<string, string | number>>;

/** An element; what is inside is markup already. */
export function element(name: string, attributes: Attributes, ...inner: readonly string[]): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  return inner.length === 0 ? `<${name}${pairs.join('')}/>` : `<${name}${pairs.join('')}>${inner.join('')}</${name}>`;
}

const secret = /pass(word|wd|phrase)?$|secret|token/i;

/** A value that may be shown: a password that somebody has left in a configuration is not. */
export function shown(name: string, value: string): string {
  if (secret.test(name)) return '(not shown)';
  return value.replace(/(password|passwd)\s*=\s*\S+/gi, '$1=(not shown)');
}
