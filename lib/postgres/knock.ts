// Whether a postmaster takes connections. A socket that listens is no proof: the kernel accepts for a process that is stopped.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
import { createConnection } from 'node:net';

type Where = { readonly host: string; readonly port: number };

/** SSLRequest: a process that the postmaster has started answers with one byte; nothing is logged, no connection is used up. */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** 'answers', or the error's code; 'ETIMEDOUT' if nothing comes within the limit. */
export function knock(where: Where, limitMs: number): Promise<string> {
  // N or S; an E is the beginning of an error message, of a server that is alive as well.
  return say(sslRequest, where, { limitMs, read: () => 'answers' });
}

/**
 * The SQLSTATE by which a server refuses a session before it asks who wants one (57P03: it takes none now); 'answers' if it
 * goes on to that, or says nothing readable; else as `knock`. In any language, and without a password.
 */
export function greet({ user, ...where }: Where & { readonly user: string }, limitMs: number): Promise<string> {
  const body = Buffer.from(`\0\x03\0\0user\0${user}\0database\0postgres\0\0`);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return say(Buffer.concat([length, body]), where, { limitMs, read: stateIn });
}

/** ErrorResponse: E, its length, and fields that end with a zero each. */
function stateIn(data: Buffer): string | undefined {
  if (data[0] !== 'E'.charCodeAt(0)) return 'answers';
  if (data.length < 5 || (data.length < data.readUInt32BE(1) + 1 && data.length < 4096)) return undefined;
  return /\0C([0-9A-Z]{5})\0/.exec(data.toString('latin1'))?.[1] ?? 'answers';
}

type Hearing = {
  readonly limitMs: number;
  /** What all that came so far says; undefined: more is to come. */
  readonly read: (data: Buffer) => string | undefined;
};

function say(words: Buffer, { host, port }: Where, { limitMs, read }: Hearing): Promise<string> {
  const where = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
  return new Promise((resolve) => {
    const socket = createConnection(where);
    let heard = Buffer.alloc(0);
    const end = (what: string): void => {
      resolve(what);
      clearTimeout(limit);
      socket.destroy();
    };
    const limit = setTimeout(() => end('ETIMEDOUT'), limitMs);
    socket.once('connect', () => socket.write(words));
    socket.on('data', (data: Buffer) => {
      heard = Buffer.concat([heard, data]);
      const said = read(heard);
      if (said !== undefined) end(said);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.once('close', () => end('ECONNRESET'));
  });
}
