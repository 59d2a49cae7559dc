// Why a session has no answer, by SQLSTATE and errno: a server may speak any language.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
import { BadServer } from './guarded-socket.ts';

/**
 * `starting`: it takes no connections now, for it starts, recovers or shuts down; postmaster.pid tells which. `full`: alive, but
 * every connection is taken. `hung`: accepts, but does not answer.
 */
export type Failure = {
  readonly kind: 'absent' | 'starting' | 'full' | 'hung' | 'refused' | 'failed';
  readonly message: string;
};

/** The SQLSTATE that the server sent; undefined: the error is none of the server's. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = codeOf(error);
  // Only a server's error has a severity (DatabaseError of pg-protocol).
  return error instanceof Error && 'severity' in error && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

export function explain(error: unknown): Failure {
  return { kind: kindOf(error), message: oneLine(error instanceof Error ? error.message : String(error)) };
}

/** A server's text is another's: it gets no line and no terminal of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const kindOfState: Readonly<Record<string, Failure['kind']>> = {
  '57P03': 'starting', // cannot_connect_now
  // Each passes: no process could be made, the server begins anew after a crash, somebody or a limit ended the session.
  '53000': 'hung', // insufficient_resources
  '53200': 'hung', // out_of_memory
  '55P03': 'hung', // lock_not_available
  '57014': 'hung', // query_canceled
  '57P01': 'hung', // admin_shutdown
  '57P02': 'hung', // crash_shutdown
  '57P05': 'hung', // idle_session_timeout
  '25P03': 'hung', // idle_in_transaction_session_timeout
  '25P04': 'hung', // transaction_timeout
  '40001': 'hung', // serialization_failure: a conflict with recovery
  '53300': 'full', // too_many_connections
  '3D000': 'refused', // invalid_catalog_name
  '28000': 'refused', // invalid_authorization_specification
  '28P01': 'refused', // invalid_password
};

const kindOfErrno: Readonly<Record<string, Failure['kind']>> = {
  ENOENT: 'absent',
  ECONNREFUSED: 'absent',
  ETIMEDOUT: 'hung',
  EAGAIN: 'hung', // the backlog is full
  ECONNRESET: 'hung',
  EPIPE: 'hung',
};

/** pg's own words (lib/client.js, lib/connection.js), which are in English everywhere: it has no codes for these. */
const timedOut = [
  'timeout expired',
  'Query read timeout',
  'Connection terminated unexpectedly',
  'Connection terminated',
];

function kindOf(error: unknown): Failure['kind'] {
  const state = sqlStateOf(error);
  if (state !== undefined) return kindOfState[state] ?? 'failed';
  if (error instanceof BadServer) return 'failed';
  const errno = kindOfErrno[codeOf(error)];
  return errno ?? (error instanceof Error && timedOut.includes(error.message) ? 'hung' : 'failed');
}
