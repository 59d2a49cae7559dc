// The answer to what is no request: Node's parser has given up, and an administrator who tries it must see why.
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

export const methods = ['GET', 'HEAD', 'OPTIONS'];
export const maxHeaderSize = 4096;

/** An error of Node's parser, with what it had read. https://nodejs.org/api/http.html#event-clienterror */
type Unread = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

const answers: Readonly<Record<string, readonly [status: number, says: string]>> = {
  HPE_INVALID_METHOD: [501, `there are ${methods.join(', ')}, in capitals`],
  HPE_INVALID_VERSION: [505, 'HTTP/1.0 and HTTP/1.1 are understood, with lines that end in CR LF'],
  HPE_HEADER_OVERFLOW: [431, `a request has ${String(maxHeaderSize)} bytes at most`],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not end: after its headers comes an empty line'],
};

function answerTo({ code = '', rawPacket }: Unread): readonly [status: number, says: string] {
  // what begins with no word, as a TLS handshake does, has no method either
  const isRequest = rawPacket === undefined || /^[A-Za-z]+ /.test(rawPacket.toString('latin1', 0, 32));
  return (isRequest ? answers[code] : undefined) ?? [400, 'this is no HTTP request'];
}

/** Answers, and ends the connection. */
export function refuse(error: Unread, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, says] = answerTo(error);
  const text = `${JSON.stringify({ ok: false, reason: 'BAD_REQUEST', says })}\n`;
  const lines = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${String(Buffer.byteLength(text))}`,
    ...(status === 501 ? [`allow: ${methods.join(', ')}`] : []),
    'connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`);
}
