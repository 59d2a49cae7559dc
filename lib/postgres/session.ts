// One connection to the server, a few queries on it, and what a failure of either means.
// pg is loaded when the first connection is made: an action that asks nothing does not pay for it. In the agent's snapshot it is
// loaded already, and a connection begins at once.
import type pg from 'pg';
import type { Client } from 'pg';
import { asUser } from '../host/identity.ts';

export type Target = {
  /** A host name, an address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string | undefined;
  /** What the server's activity views call the connection. */
  readonly application?: string;
  /** Whose identity the connection is made with: peer authentication asks for it. */
  readonly as: { readonly uid: number; readonly gid: number };
  /** For connecting and for each query. */
  readonly timeoutMs: number;
};

/** Why there is no answer. `full`: alive, but every connection is taken. `hung`: accepts, but does not answer. */
export type Failure = {
  readonly kind: 'absent' | 'starting' | 'stopping' | 'full' | 'hung' | 'refused' | 'failed';
  readonly message: string;
};

export type Row = Readonly<Record<string, unknown>>;
export type Answered = { readonly rows: readonly Row[] } | { readonly failure: Failure };

/** What to ask next, given the rows so far; undefined when all is asked. */
export type Plan = (answers: readonly (readonly Row[])[]) => string | undefined;

let loaded: typeof pg | undefined;

/** A connection. The server may end it at any time: then the query that is under way fails, and `broken` is told. */
export async function open(target: Target, broken: (client: Client) => void = () => undefined): Promise<Client> {
  loaded ??= (await import('pg')).default;
  const client: Client = new loaded.Client({
    host: target.host,
    port: target.port,
    user: target.user,
    database: target.database,
    // pg would look into PGPASSWORD and ~/.pgpass of root otherwise.
    password: target.password ?? '',
    application_name: target.application ?? 'cfpgsql',
    connectionTimeoutMillis: target.timeoutMs,
    query_timeout: target.timeoutMs,
    ssl: false,
  });
  client.on('error', () => broken(client));
  client.on('end', () => broken(client));
  try {
    await asUser(target.as, () => client.connect());
  } catch (error) {
    void client.end().catch(() => undefined);
    throw error;
  }
  return client;
}

/** Asks one question after the other on one connection. Returns the rows of each; the last may be a failure. */
export async function query(target: Target, plan: Plan): Promise<readonly Answered[]> {
  const rows: (readonly Row[])[] = [];
  let client: Client | undefined;
  let failure: Failure | undefined;
  try {
    client = await open(target);
    for (let sql = plan(rows); sql !== undefined; sql = plan(rows))
      rows.push(((await client.query(sql)) as { rows: Row[] }).rows);
  } catch (error) {
    failure = explain(error);
  }
  // Not awaited: a hung server would never answer the goodbye.
  void client?.end().catch(() => undefined);
  return [...rows.map((answer) => ({ rows: answer })), ...(failure === undefined ? [] : [{ failure }])];
}

/** Errors have an SQLSTATE or an errno name in `code`. https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function explain(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return { kind: kindOf(code, message), message };
}

const kindOfCode: Readonly<Record<string, Failure['kind']>> = {
  ENOENT: 'absent',
  ECONNREFUSED: 'absent',
  ETIMEDOUT: 'hung',
  // Each passes: the backlog is full, no process could be made, the server begins anew after a crash, somebody ended the session.
  EAGAIN: 'hung',
  ECONNRESET: 'hung',
  EPIPE: 'hung',
  '53000': 'hung', // insufficient_resources
  '53200': 'hung', // out_of_memory
  '57P01': 'hung', // admin_shutdown
  '57P02': 'hung', // crash_shutdown
  '40001': 'hung', // serialization_failure: a conflict with recovery
  '53300': 'full', // too_many_connections
  '3D000': 'refused', // invalid_catalog_name
  '28000': 'refused', // invalid_authorization_specification
  '28P01': 'refused', // invalid_password
};

function kindOf(code: string, message: string): Failure['kind'] {
  // 57P03 cannot_connect_now: starting up, in recovery mode, not yet accepting, or shutting down.
  if (code === '57P03') return message.includes('shutting down') ? 'stopping' : 'starting';
  return kindOfCode[code] ?? (/timeout|terminated unexpectedly/i.test(message) ? 'hung' : 'failed');
}
