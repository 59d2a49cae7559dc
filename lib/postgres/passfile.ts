// The password file. https://www.postgresql.org/docs/current/libpq-pgpass.html
// pg's own reader takes the file from the environment only, which children would inherit.

type Wanted = { readonly host: string; readonly port: string; readonly database: string; readonly user: string };

/** The password of the first line that fits; undefined if none does. */
export function findPassword(text: string, { host, port, database, user }: Wanted): string | undefined {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const fitting = lines
    .map(fields)
    .find(
      (line) =>
        line.length === 5 && [host, port, database, user].every((value, n) => line[n] === '*' || line[n] === value),
    );
  return fitting?.[4];
}

/** Fields are separated by colons; a backslash takes the next character as it is. */
function fields(line: string): readonly string[] {
  const parts = [''];
  for (const [text] of line.matchAll(/\\.|[^]/g)) {
    if (text === ':') parts.push('');
    else parts.push(`${parts.pop() ?? ''}${text.length > 1 ? text.slice(1) : text}`);
  }
  return parts;
}
