// Health checks in each form that HTTP/1.0 and 1.1 allow. With a real HAProxy: test/health/haproxy.ts.
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import { serveBeside } from '../health.ts';

const close = 'Connection: close\r\n\r\n';
const requests: readonly string[] = [
  'GET /primary HTTP/1.0\r\n\r\n',
  `GET /primary HTTP/1.1\r\n${close}`,
  `GET http://db1:8008/primary HTTP/1.1\r\n${close}`,
  `GET /primary/ HTTP/1.1\r\nHost: db1\r\n${close}`,
  `GET /primary?from=lb HTTP/1.1\r\nHost: db1\r\n${close}`,
];

export const cases: readonly ServersCase[] = [
  {
    number: 18,
    kind: 8,
    setup: 'servers',
    title: 'cfha serve answers HTTP/1.1 without a Host header, whole addresses, a slash at the end and a query',
    before: 'HTTP/1.1 without a Host header had 400; a whole address and a slash at the end had 404.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({ mode: 'async' });
      await pair.replicates();
      const [primary, standby] = [await serveBeside(pair, 'n1', 18_901), await serveBeside(pair, 'n2', 18_902)];
      try {
        for (const request of requests) {
          const [of1, of2] = [await primary.ask(request), await standby.ask(request)];
          expect(of1.startsWith('HTTP/1.1 200 '), `${request}: the primary answers ${of1}`);
          expect(of2.startsWith('HTTP/1.1 503 '), `${request}: the standby answers ${of2}`);
        }
        const small = await primary.ask('get /primary HTTP/1.1\r\n\r\n');
        expect(small.startsWith('HTTP/1.1 501 '), `a method in small letters: ${small}`);
      } finally {
        primary.end();
        standby.end();
      }
      return `All ${requests.length} forms have 200 from the primary and 503 from the standby.`;
    },
  },
];
