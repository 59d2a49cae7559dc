import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { healthServer } from '../../../health/server.ts';
import { unitText } from '../../../health/unit.ts';
import type { Finding } from '../../../health/question.ts';

const primary = { inRecovery: false, mayWrite: true, lagBytes: undefined, lagSeconds: undefined };
let finding: () => Promise<Finding>;
let server: Server;
const port = () => (server.address() as AddressInfo).port;
beforeEach(async () => {
  finding = () => Promise.resolve({ state: primary, failure: undefined, written: true, gateOpen: true });
  server = healthServer(() => finding());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** What the server writes to whoever sends this. */
function said(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port(), '127.0.0.1', () => socket.write(text));
    let all = '';
    socket.on('data', (data) => (all += String(data)));
    socket.on('error', () => resolve(all));
    socket.on('close', () => resolve(all));
  });
}
const asks = (method: string, path: string) =>
  said(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

describe('the HTTP side', () => {
  it('answers GET with a body, HEAD and OPTIONS with the status alone', async () => {
    expect(await asks('GET', '/primary')).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\n\{"ok":true,"role":"primary"/);
    expect(await asks('HEAD', '/primary')).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\n$/);
    expect(await asks('OPTIONS', '/')).toMatch(/^HTTP\/1\.1 200 [^]*allow: GET, HEAD, OPTIONS[^]*\r\n\r\n$/);
    expect(await asks('OPTIONS', '/standby')).toMatch(/^HTTP\/1\.1 503 /);
    expect(await said('OPTIONS / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /); // HAProxy’s own check
  });

  it.each([
    ['without a Host header', 'GET /primary HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['with an empty one', 'GET /primary HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
    ['in HTTP/1.0', 'GET /primary HTTP/1.0\r\n\r\n'],
    ['in HTTP/1.0, kept alive until it ends', 'GET /primary HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n'],
    ['by a whole address', 'GET http://db1:8008/primary HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['by a whole address with a Host header', 'HEAD http://db1:8008/primary HTTP/1.1\r\nHost: db1:8008\r\nConnection: close\r\n\r\n'],
    ['with a slash at the end', 'HEAD /primary/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['with a query', 'GET /primary?from=lb1 HTTP/1.0\r\n\r\n'],
    ['of the server as a whole', 'OPTIONS * HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['in HTTP/0.9, with an empty line', 'GET /primary\r\n\r\n'],
    ['after empty lines', '\r\n\r\nGET /primary HTTP/1.0\r\n\r\n'],
    ['with a body that comes after "continue"', 'GET /primary HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc'],
    ['with an upgrade that is not needed', 'GET /primary HTTP/1.1\r\nUpgrade: h2c\r\nConnection: upgrade, close\r\n\r\n'],
  ])('answers a question %s', async (_, text) => {
    expect(await said(text)).toMatch(/^(HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 200 /);
    finding = () => Promise.resolve({ state: { ...primary, inRecovery: true }, failure: undefined, written: false, gateOpen: true });
    expect(await said(text)).toMatch(/^(HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 503 /);
  }); // prettier-ignore

  it('answers several questions in one connection', async () => {
    const one = 'GET /primary HTTP/1.1\r\n\r\n';
    const all = await said(`${one}${one}HEAD /health HTTP/1.1\r\nConnection: close\r\n\r\n`);
    expect(all.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  });

  it.each([
    ['get /primary HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 501 [^]*allow: GET, HEAD, OPTIONS[^]*\{"ok":false/],
    ['FETCH /primary HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 501 /],
    ['GET /primary HTTP/1.0\n\n', /^HTTP\/1\.1 505 [^]*CR LF/],
    ['GET /primary\r\n', /^HTTP\/1\.1 408 [^]*an empty line/],
  ])('names what is wrong with %j', async (text, expected) => expect(await said(text)).toMatch(expected));

  it('changes nothing, and says so to whoever tries', async () => {
    expect(await asks('POST', '/primary')).toMatch(/^HTTP\/1\.1 405 [^]*allow: GET/);
    expect(await asks('GET', '/etc/passwd')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await asks('GET', `/${'a'.repeat(8000)}`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await said('garbage\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('sends nobody here because of a mistake of ours', async () => {
    finding = () => Promise.reject(new Error('a bug'));
    expect(await asks('GET', '/primary')).toMatch(/^HTTP\/1\.1 503 [^]*"BUG"/);
  });

  it('asks nothing of the server for what it does not understand', async () => {
    let asked = 0;
    finding = () => Promise.reject(new Error(`asked ${++asked}`));
    await asks('GET', '/standby?lag=x');
    await asks('DELETE', '/primary');
    expect(asked).toBe(0);
  });
});

it('the unit runs what it was told, as the user it was told', () => {
  const unit = unitText({ user: 'postgres', argv: ['/usr/sbin/cfha', 'serve', '--socket', '/run/a b'] });
  expect(unit).toContain("ExecStart=/usr/sbin/cfha serve --socket '/run/a b'\n");
  expect(unit).toMatch(/^User=postgres$/m);
  expect(unit).toMatch(/^NoNewPrivileges=yes$/m);
});
