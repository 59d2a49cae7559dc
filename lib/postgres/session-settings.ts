// What our answers depend on is fixed when a session begins: by the start-up packet's `options`, which outrank postgresql.conf and
// what `alter role` and `alter database` have set, and cost no round trip.
// https://www.postgresql.org/docs/current/protocol-message-formats.html (StartupMessage), libpq-connect.html#LIBPQ-CONNECT-OPTIONS

export type Settings = Readonly<Record<string, string | undefined>>;

/**
 * PostgreSQL 12 and later has all of these, and any role may set them; a name that a server does not have would end the session.
 * Without a search path, names and operators are those of pg_catalog, whatever else the database holds.
 */
export const ownSettings: Settings = {
  search_path: '',
  role: 'none',
  default_transaction_isolation: 'read committed', // a standby refuses serializable
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  row_security: 'on',
  client_encoding: 'UTF8',
  datestyle: 'ISO,YMD',
  intervalstyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  local_preload_libraries: '',
  jit: 'off',
};

/** A superuser alone may choose it (PGC_SUSET): others are refused the session. Nothing is decided by a message's words. */
export const ownLanguage: Settings = { lc_messages: 'C' };

/** As `options` and PGOPTIONS have them: a blank or a backslash in a value is escaped (`pg_split_opts` in postinit.c). */
export function optionsText(settings: Settings): string {
  return Object.entries(settings)
    .flatMap(([name, value]) => (value === undefined ? [] : `-c ${name}=${escaped(value)}`))
    .join(' ');
}

function escaped(value: string): string {
  return value.replaceAll(/[\\\s]/g, (sign) => `\\${sign}`);
}

/** For env(1), before a psql that asks the server of its host as the server's owner, a superuser. In place of our own, undefined: the server's. */
export function ownerVariable(settings: Settings = {}): string {
  return `PGOPTIONS=${optionsText({ ...ownSettings, statement_timeout: '0', ...ownLanguage, ...settings })}`;
}

/** A connection string's own options come first: of two values the last one counts. */
export function withOwnSettings<T extends Readonly<Record<string, string>>>(conninfo: T): T & { options: string } {
  const own = optionsText({ ...ownSettings, statement_timeout: '0' });
  const before = conninfo['options'];
  return { ...conninfo, options: before === undefined ? own : `${before} ${own}` };
}
