// The lines of a PostgreSQL configuration file, as the server's own scanner takes them apart.
// https://www.postgresql.org/docs/current/config-setting.html; src/backend/utils/misc/guc-file.l
export type ConfigLine = {
  /** Lower-case: the server does not tell cases apart. */
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
};

const letter = 'A-Za-z_\\u0080-\\uffff';
const name = `[${letter}][${letter}0-9]*`;
const setting = new RegExp(
  `^\\s*(${name}(?:\\.${name})?)(?![${letter}0-9])(?:\\s*=)?\\s*(?:'((?:[^'\\\\]|\\\\.|'')*)'|([^\\s'#=]+))\\s*(?:#.*)?$`,
  's',
);

/** A line that the server cannot read is left out: it does not start with one. */
export function readConfigText(text: string): readonly ConfigLine[] {
  return text.split('\n').flatMap((content, index) => {
    const [, key, quoted, plain] = setting.exec(content) ?? [];
    if (key === undefined) return [];
    return [{ name: key.toLowerCase(), value: plain ?? unquoted(quoted ?? ''), line: index + 1 }];
  });
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function unquoted(text: string): string {
  return text.replaceAll(/''|\\([0-7]{1,3}|.)/g, (_, escape: string | undefined) => {
    if (escape === undefined) return "'";
    return /^[0-7]/.test(escape) ? String.fromCharCode(parseInt(escape, 8) & 0xff) : (escapes[escape] ?? escape);
  });
}
