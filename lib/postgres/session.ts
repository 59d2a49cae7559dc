// The one door to SQL: every session of this project is opened here (eslint.config.js refuses any other way), with settings of
// its own, a limit for each answer, and types that are read the same whatever the server says they are. docs/decisions/0017.
// pg is loaded when the first connection is made: an action that asks nothing does not pay for it. In the agent's snapshot it is
// loaded already, and a connection begins at once.
import type pg from 'pg';
import type { Client } from 'pg';
import { asUser } from '../host/identity.ts';
import { explain, sqlStateOf, type Failure } from './failure.ts';
import { GuardedSocket } from './guarded-socket.ts';
import { optionsText, ownLanguage, ownSettings, type Settings } from './session-settings.ts';

export type Target = {
  /** A host name, an address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Where the server does not let us into the first one. */
  readonly otherDatabase?: string | undefined;
  readonly password?: string | undefined;
  /** What the server's activity views call the connection. */
  readonly application?: string;
  /** Whose identity the connection is made with: peer authentication asks for it. */
  readonly as: { readonly uid: number; readonly gid: number };
  /** For each query, and for connecting if `connectMs` is no other limit. */
  readonly timeoutMs: number;
  readonly connectMs?: number;
  /** In place of our own, undefined: the server's. `'of the server'`: all of them, for a question that is an administrator's. */
  readonly settings?: Settings | 'of the server';
  /** The role is expected to be the server's owner, who may choose the language of messages. */
  readonly owner?: boolean;
  /** Of one answer. */
  readonly mostBytes?: number;
};

export type Row = Readonly<Record<string, unknown>>;
export type Answered = { readonly rows: readonly Row[] } | { readonly failure: Failure };

/** What to ask next, given the rows so far; undefined when all is asked. */
export type Plan = (answers: readonly (readonly Row[])[]) => string | undefined;

export type Session = {
  /** The rows of the last statement. */
  readonly query: (sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;
  /** Says goodbye, and waits for nothing. */
  readonly end: () => void;
  /** Forgets the connection at once: a server that is gone answers no goodbye. */
  readonly drop: () => void;
};

/** Sixteen megabytes: no answer we read is near it. */
const mostBytes = 16 * 1024 * 1024;

let loaded: typeof pg | undefined;

/** A session. The server may end it at any time: then the query that is under way fails, and `broken` is told. */
export async function open(target: Target, broken: (session: Session) => void = () => undefined): Promise<Session> {
  loaded ??= (await import('pg')).default;
  for (let at = target; ;) {
    try {
      return await connect(loaded, at, broken);
    } catch (error) {
      const next = otherWay(at, sqlStateOf(error));
      if (next === undefined) throw error;
      at = next;
    }
  }
}

/** No such database, one that takes no sessions, none that pg_hba.conf or its rights open to the role. */
const noWayIn = ['3D000', '55000', '28000', '42501'];

/** What is tried when a session has been refused; undefined: nothing. Each is given up once. */
function otherWay(target: Target, state = ''): Target | undefined {
  if (state === '42501' && target.owner === true) return { ...target, owner: false };
  const { otherDatabase: database, ...rest } = target;
  return database !== undefined && noWayIn.includes(state) ? { ...rest, database } : undefined;
}

function optionsOf({ settings = {}, owner, timeoutMs }: Target): string {
  const limit = { statement_timeout: `${Math.ceil(timeoutMs)}` };
  if (settings === 'of the server') return optionsText(limit);
  return optionsText({ ...ownSettings, ...limit, ...(owner === true ? ownLanguage : {}), ...settings });
}

async function connect(library: typeof pg, target: Target, broken: (session: Session) => void): Promise<Session> {
  const socket = new GuardedSocket(target.mostBytes ?? mostBytes);
  const client: Client = new library.Client({
    host: target.host,
    port: target.port,
    user: target.user,
    database: target.database,
    // pg would look into PGPASSWORD and ~/.pgpass of root otherwise.
    password: target.password ?? '',
    application_name: target.application ?? 'cfpgsql',
    connectionTimeoutMillis: target.connectMs ?? target.timeoutMs,
    query_timeout: target.timeoutMs,
    options: optionsOf(target),
    types: { getTypeParser: readerOf },
    stream: () => socket,
    ssl: false,
  });
  const session = sessionOn(client, socket);
  client.on('error', () => broken(session));
  client.on('end', () => broken(session));
  try {
    await asUser(target.as, () => client.connect());
  } catch (error) {
    session.drop();
    throw error;
  }
  return session;
}

function sessionOn(client: Client, socket: GuardedSocket): Session {
  return {
    query: async (sql, values) => {
      socket.countAnew();
      return rowsOf(await (values === undefined ? client.query(sql) : client.query(sql, [...values])));
    },
    // Not awaited: a hung server would never answer the goodbye.
    end: () => void client.end().catch(() => undefined),
    drop: () => void socket.destroy(),
  };
}

/** Several statements have several results. */
function rowsOf(result: unknown): readonly Row[] {
  const last: unknown = Array.isArray(result) ? result.at(-1) : result;
  return (last as { readonly rows: readonly Row[] }).rows;
}

type Reader = (text: string) => unknown;
const asText: Reader = (text) => text;
const asNumber: Reader = (text) => Number(text);

/** By pg_type.oid. All else is text: a server may say that anything is a date or an array. */
const readers: Readonly<Record<number, Reader>> = {
  16: (text) => text === 't', // bool
  21: asNumber, // int2
  23: asNumber, // int4
  26: asNumber, // oid
  700: asNumber, // float4
  701: asNumber, // float8
};

function readerOf(type: number): Reader {
  return readers[type] ?? asText;
}

/** Asks one question after the other in one session. Returns the rows of each; the last may be a failure. */
export async function query(target: Target, plan: Plan): Promise<readonly Answered[]> {
  const rows: (readonly Row[])[] = [];
  let session: Session | undefined;
  let failure: Failure | undefined;
  try {
    session = await open(target);
    for (let sql = plan(rows); sql !== undefined; sql = plan(rows)) rows.push(await session.query(sql));
  } catch (error) {
    failure = explain(error);
  }
  session?.end();
  return [...rows.map((answer) => ({ rows: answer })), ...(failure === undefined ? [] : [{ failure }])];
}
