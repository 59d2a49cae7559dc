// The vCenter's door: TLS, cookies and bodies.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { switchAddress, type Layout } from '../layout.ts';
import { answerRest } from './rest-api.ts';
import { answerSoap } from './soap-api.ts';
import { openVcenter, type Caller, type Vcenter } from './vcenter.ts';
import { wsdl } from './wsdl.ts';

/** Serves until it is killed. */
export function serveVcenter(layout: Layout): void {
  const vcenter = openVcenter(layout);
  const tls = { key: readFileSync(layout.vcenter.key), cert: readFileSync(layout.vcenter.certificate) };
  const server = createServer(tls, (request, response) => {
    answer(vcenter, request, response).catch((error: unknown) => {
      process.stderr.write(
        `${new Date().toISOString()} ${request.method ?? ''} ${request.url ?? ''}: ${String(error)}\n`,
      );
      response.writeHead(500).end();
    });
  });
  server.listen(443, switchAddress);
}

async function answer(vcenter: Vcenter, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', `https://${switchAddress}`);
  const body = await text(request);
  if (url.pathname.startsWith('/rest/')) return answerInJson(vcenter, request, response);
  if (url.pathname === '/sdk' && request.method === 'POST') return answerInXml(vcenter, body, { request, response });
  if (url.pathname === '/sdk/vimService.wsdl')
    return send(response, 200, { type: 'text/xml', body: wsdl(`https://${switchAddress}/sdk`) });
  return send(response, 404, { type: 'text/plain', body: 'not found\n' });
}

type Exchange = Readonly<{ request: IncomingMessage; response: ServerResponse }>;

async function answerInXml(vcenter: Vcenter, body: string, { request, response }: Exchange): Promise<void> {
  const session = /vmware_soap_session="?([0-9a-f]+)/.exec(request.headers.cookie ?? '')?.[1];
  const { status, xml, session: opened } = await answerSoap(vcenter, callerOf(request, session), body);
  if (opened !== undefined)
    response.setHeader('Set-Cookie', `vmware_soap_session="${opened}"; Path=/; HttpOnly; Secure;`);
  send(response, status, { type: 'text/xml; charset=utf-8', body: xml });
}

function answerInJson(vcenter: Vcenter, request: IncomingMessage, response: ServerResponse): void {
  const session = request.headers['vmware-api-session-id'];
  const url = new URL(request.url ?? '/', `https://${switchAddress}`);
  const caller = callerOf(request, typeof session === 'string' ? session : undefined);
  const { status, value } = answerRest(vcenter, caller, {
    method: request.method ?? '',
    url,
    authorization: request.headers.authorization ?? '',
  });
  send(response, status, { type: 'application/json', body: value === undefined ? '' : JSON.stringify({ value }) });
}

function callerOf(request: IncomingMessage, session: string | undefined): Caller {
  return { from: request.socket.remoteAddress ?? '', ...(session !== undefined && { session }) };
}

function send(response: ServerResponse, status: number, content: Readonly<{ type: string; body: string }>): void {
  response.writeHead(status, { 'Content-Type': content.type, 'Content-Length': Buffer.byteLength(content.body) });
  response.end(content.body);
}
