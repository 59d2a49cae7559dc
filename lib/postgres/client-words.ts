// What PostgreSQL's client programs (pg_rewind, pg_basebackup, pg_controldata) say on stderr when they fail.
// https://www.postgresql.org/docs/current/error-style-guide.html

/** What went wrong: the detail follows the error. */
export function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.includes('error:') || line.includes('DETAIL:'));
  return (lines.length > 0 ? lines : stderr.trim().split('\n').slice(-1)).join(' ').slice(0, 300);
}
