// Whether a postmaster takes connections. A socket that listens is no proof: the kernel accepts for a process that is stopped.
// An SSLRequest is answered with one byte by a process that the postmaster has started for it; nothing is logged, and no
// connection is used up. https://www.postgresql.org/docs/current/protocol-message-formats.html (SSLRequest)
import { createConnection } from 'node:net';

const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** 'answers', or the error's code; 'ETIMEDOUT' if nothing comes within the limit. */
export function knock({ host, port }: { host: string; port: number }, limitMs: number): Promise<string> {
  const where = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
  return new Promise((resolve) => {
    const socket = createConnection(where);
    const end = (what: string): void => {
      resolve(what);
      socket.destroy();
    };
    socket.setTimeout(limitMs, () => end('ETIMEDOUT'));
    socket.once('connect', () => socket.write(sslRequest));
    // N or S; an E is the beginning of an error message, of a server that is alive as well.
    socket.once('data', () => end('answers'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.once('close', () => end('ECONNRESET'));
  });
}
