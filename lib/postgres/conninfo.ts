// Connection strings and service files. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
import { UnreadableAnswer } from '../host/exec.ts';

export type Conninfo = Readonly<Record<string, string>>;

/** A value as a connection string holds it: quoted where it has to be. */
export function conninfoValue(value: string): string {
  return /^$|[\s'\\]/.test(value) ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : value;
}

const pair = /\s*([A-Za-z_]\w*)\s*=\s*(?:'((?:\\[^]|[^'\\])*)'|((?:\\[^]|[^\s'\\])*))(?=\s|$)/y;

/** Reads `key=value key='value'`; the last of two counts, as with libpq. Throws `UnreadableAnswer`; never shows a value. */
export function readConninfo(text: string): Conninfo {
  const found: Record<string, string> = {};
  const rest = text.trimEnd();
  pair.lastIndex = 0;
  while (pair.lastIndex < rest.length) {
    const at = pair.lastIndex;
    const [, key, quoted, plain] = pair.exec(rest) ?? [];
    if (key === undefined)
      throw new UnreadableAnswer(`the connection string cannot be read from its character ${at + 1} on`);
    found[key] = (quoted ?? plain ?? '').replaceAll(/\\([^])/g, '$1');
  }
  return found;
}

/** A service file, which has no quotes: what a line cannot hold is refused. */
export function serviceText(services: Readonly<Record<string, Conninfo>>): string {
  return Object.entries(services)
    .map(([name, pairs]) => `[${name}]\n${Object.entries(pairs).map(line).join('')}`)
    .join('');
}

function line([key, value]: readonly [string, string]): string {
  if (value !== value.trim() || /[\n\r\0]/.test(value))
    throw new UnreadableAnswer(`the value of ${key} in the connection string cannot stand in a service file`);
  return `${key}=${value}\n`;
}
