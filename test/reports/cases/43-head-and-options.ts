// Health checks by HEAD and OPTIONS, which traffic managers send by default.
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { healthServer } from '../../../health/server.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { FunctionCase } from '../case.ts';

const state = { inRecovery: false, mayWrite: true, lagBytes: undefined, lagSeconds: undefined };

function statusOf(port: number, method: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ port, method, path, host: '127.0.0.1', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

export const cases: readonly FunctionCase[] = [
  {
    number: 43,
    kind: 8,
    setup: 'function',
    title: 'HEAD and OPTIONS have the status of GET',
    before: 'This was handled: all three methods were answered.',
    core: true,
    play: async () => {
      const found = { state, failure: undefined, written: true, gateOpen: true };
      const server = healthServer(() => Promise.resolve(found));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const { port } = server.address() as AddressInfo;
        for (const method of ['GET', 'HEAD', 'OPTIONS'])
          for (const [path, due] of [
            ['/primary', 200],
            ['/standby', 503],
          ] as const) {
            const status = await statusOf(port, method, path);
            expect(status === due, `${method} ${path}: ${String(status)}, not ${due}`);
          }
      } finally {
        server.closeAllConnections();
        server.close();
      }
      return 'On a primary all three answer 200 for /primary and 503 for /standby.';
    },
  },
];
