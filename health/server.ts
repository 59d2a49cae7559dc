// The HTTP side: small requests, small answers, nobody may keep a connection busy. https://nodejs.org/api/http.html
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerTo, readQuestion, type Answer, type Finding } from './question.ts';
import { maxHeaderSize, methods, refuse } from './refusal.ts';

// A traffic manager may ask in HTTP/1.1 without a Host header, as HAProxy does: a path is all that is needed here.
const options = {
  ...{ maxHeaderSize, headersTimeout: 2000, requestTimeout: 3000, keepAliveTimeout: 30_000 },
  ...{ connectionsCheckingInterval: 1000, requireHostHeader: false },
};

/** `find` is called for each question that is understood; it must end by itself in time. */
export function healthServer(find: () => Promise<Finding>): Server {
  const server = createServer(options, (request, response) => {
    request.resume();
    respond(request, find).then(
      (answer) => send(request, response, answer),
      // Ours: still an answer, and one that sends nobody here.
      (bug: unknown) => send(request, response, { status: 503, body: { ok: false, reason: 'BUG', says: String(bug) } }),
    );
  });
  server.on('clientError', refuse);
  server.maxConnections = 512;
  return server;
}

async function respond({ method = '', url = '' }: IncomingMessage, find: () => Promise<Finding>): Promise<Answer> {
  if (!methods.includes(method))
    return { status: 405, body: { ok: false, reason: 'BAD_REQUEST', says: `only ${methods.join(', ')}` } };
  const question = readQuestion(url);
  return 'status' in question ? question : answerTo(question, await find());
}

/** HEAD and OPTIONS have the same status as GET, which is all that most traffic managers look at. */
function send({ method = '' }: IncomingMessage, response: ServerResponse, { status, body }: Answer): void {
  const text = `${JSON.stringify(body)}\n`;
  const hasBody = method !== 'HEAD' && method !== 'OPTIONS';
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': method === 'OPTIONS' ? 0 : Buffer.byteLength(text),
    ...(method === 'OPTIONS' || status === 405 ? { allow: methods.join(', ') } : {}),
  });
  response.end(hasBody ? text : undefined);
}
