// What PostgreSQL's client programs (pg_rewind, pg_basebackup, pg_controldata) say on stderr when they fail.
// https://www.postgresql.org/docs/current/error-style-guide.html

/** What went wrong: the detail follows the error. */
export function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.includes('error:') || line.includes('DETAIL:'));
  // What the program has shown before on the same line, its progress, says nothing; and an exit reason is cut.
  const words = lines.map((line) => line.replace(/^.*?\berror: /, ''));
  return (words.length > 0 ? words : stderr.trim().split('\n').slice(-1)).join(' ').slice(0, 300);
}

/** Returns its warnings and errors, or else the last lines but its progress: a server's warning tells the file that an error is in. */
export function allWords(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== '' && !/\d kB \(/.test(line));
  const told = lines.filter((line) => /\b(error|WARNING|ERROR|FATAL|DETAIL):/.test(line));
  return (told.length > 0 ? told.slice(0, 4) : lines.slice(-4))
    .map((line) => line.replace(/^.*?\berror: /, ''))
    .join(' ')
    .slice(0, 500);
}
