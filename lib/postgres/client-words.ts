// What PostgreSQL's client programs (pg_rewind, pg_basebackup, pg_controldata) say on stderr when they fail.
// https://www.postgresql.org/docs/current/error-style-guide.html

/** What went wrong: the detail follows the error. */
export function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.includes('error:') || line.includes('DETAIL:'));
  return (lines.length > 0 ? lines : stderr.trim().split('\n').slice(-1)).join(' ').slice(0, 300);
}

/** The last lines of all it said but its progress: a server's warnings tell where an error is. */
export function allWords(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== '' && !/\d kB \(/.test(line));
  return lines.slice(-4).join(' ').slice(0, 500);
}
