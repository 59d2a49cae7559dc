import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { greet, knock } from '../../../../lib/postgres/knock.ts';

let folder: string;
let server: Server | undefined;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'cfha-knock-'))));
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

function listening(answer: (socket: Socket) => void): Promise<void> {
  server = createServer(answer);
  return new Promise((resolve) => server?.listen(join(folder, '.s.PGSQL.5432'), resolve));
}

const at = (limitMs = 2000) => knock({ host: folder, port: 5432 }, limitMs);

it('is answered with a byte, after eight of ours', async () => {
  const heard = new Promise<string | Buffer>((resolve) => {
    void listening((socket) => {
      socket.on('data', (data) => {
        resolve(data);
        socket.write('N');
      });
      socket.on('error', () => undefined);
    });
  });
  await expect(at()).resolves.toBe('answers');
  expect([...Buffer.from(await heard)]).toEqual([0, 0, 0, 8, 4, 210, 22, 47]);
});

it('is not answered by who listens and says nothing, hangs up, or is not there', async () => {
  await listening((socket) => socket.on('error', () => undefined));
  await expect(at(30)).resolves.toBe('ETIMEDOUT');
  server?.removeAllListeners('connection').on('connection', (socket) => socket.destroy());
  await expect(at()).resolves.toMatch(/ECONNRESET|EPIPE/);
  await expect(knock({ host: join(folder, 'no'), port: 5432 }, 2000)).resolves.toBe('ENOENT');
});

const greeted = (limitMs = 2000) => greet({ host: folder, port: 5432, user: 'replicator' }, limitMs);
const error = (fields: string): Buffer => {
  const body = Buffer.from(`${fields}\0`);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from('E'), length, body]);
};

it('is greeted by a user, and its refusal is read by SQLSTATE in any language, in however many pieces', async () => {
  const refusal = error('SFATAL\0VFATAL\0C57P03\0Mdas Datenbanksystem fährt herunter\0');
  const heard = new Promise<string>((resolve) => {
    void listening((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        resolve(data.toString('latin1'));
        socket.write(refusal.subarray(0, 9));
        setTimeout(() => socket.write(refusal.subarray(9)), 10);
      });
    });
  });
  await expect(greeted()).resolves.toBe('57P03');
  expect(await heard).toBe('\0\0\0\x2b\0\x03\0\0user\0replicator\0database\0postgres\0\0');
});

it.each([
  ['a request for a password', Buffer.from('R\0\0\0\x08\0\0\0\x03'), 'answers'],
  ['something else', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'answers'],
  ['an error without a code', error('SFATAL\0'), 'answers'],
  ['an error that does not end', Buffer.concat([Buffer.from('E\x7f\xff\xff\xff', 'latin1'), Buffer.alloc(5000, 'x')]), 'answers'],
])('is greeted, and answers with %s', async (_, data, says) => {
  await listening((socket) => {
    socket.on('error', () => undefined);
    socket.write(data);
  });
  await expect(greeted()).resolves.toBe(says);
}); // prettier-ignore

it('is greeted no longer than the limit by one who goes on talking', async () => {
  await listening((socket) => {
    socket.on('error', () => undefined);
    socket.write(Buffer.from('E\0\0\x0f\xff', 'latin1'));
    const talking = setInterval(() => socket.write('x'), 5);
    socket.on('close', () => clearInterval(talking));
  });
  await expect(greeted(60)).resolves.toBe('ETIMEDOUT');
});
