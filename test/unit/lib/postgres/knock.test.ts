import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { knock } from '../../../../lib/postgres/knock.ts';

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
