import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askKeeper } from '../../../global/ask-keeper.ts';
import { makeMemory, readMemory, serveKeeper } from '../../../global/keeper.ts';
import { ask, blank, started, type Keeper, type Request } from '../../../global/rules/keeper.ts';
import { askMsOf } from '../../../global/rules/votes.ts';
import { seal, unseal } from '../../../global/wire.ts';
import { UnreadableAnswer } from '../../../lib/host/exec.ts';

const leaseMs = 3000;
type Asked = [what: Request['what'], site: Request['site'], epoch: number, attempt?: string];
const request = (...[what, site, epoch, attempt = 'a']: Asked): Request => ({ what, site, epoch, attempt, leaseMs });

/** Requests one after the other, each with its time; what was granted. */
function play(...requests: readonly (readonly [atMs: number, Request])[]): { granted: string; keeper: Keeper } {
  let keeper = started(blank, 0);
  let granted = '';
  for (const [at, one] of requests) {
    const result = ask(keeper, one, at);
    keeper = result.keeper;
    granted += result.answer.granted ? 'y' : 'n';
  }
  return { granted, keeper };
}

describe('a keeper', () => {
  it('lends to one site at a time', () => {
    expect(play([0, request('take', 'first', 1)], [2999, request('take', 'second', 2)], [3000, request('take', 'second', 2)]).granted).toBe('yny'); // prettier-ignore
  });
  it('lends the longer the later it is asked', () => {
    expect(play([0, request('take', 'first', 1)], [2000, request('hold', 'first', 1)], [4999, request('take', 'second', 2)]).granted).toBe('yyn'); // prettier-ignore
  });
  it('gives an epoch to one site for ever', () => {
    expect(play([0, request('take', 'first', 1)], [9000, request('take', 'second', 1)], [9000, request('hold', 'second', 1)]).granted).toBe('ynn'); // prettier-ignore
  });
  it('does not let a site go on whose epoch is over', () => {
    expect(play([0, request('take', 'first', 1)], [3000, request('take', 'second', 2)], [9000, request('hold', 'first', 1)]).granted).toBe('yyn'); // prettier-ignore
  });
  it('waits for nobody who has given it back', () => {
    expect(play([0, request('take', 'first', 1)], [1, request('yield', 'first', 1)], [2, request('take', 'second', 2)]).granted).toBe('yyy'); // prettier-ignore
    expect(play([0, request('take', 'first', 1)], [1, request('yield', 'second', 1)], [2, request('take', 'second', 2)]).granted).toBe('ynn'); // prettier-ignore
  });
  it('takes back the very attempt that is meant', () => {
    const back = play([0, request('take', 'first', 1)], [3000, request('take', 'second', 2, 'b')], [3001, request('back', 'second', 2, 'b')]); // prettier-ignore
    expect([back.granted, back.keeper.memory.epoch, back.keeper.memory.holder]).toEqual(['yyy', 1, 'first']);
    expect(play([0, request('take', 'second', 2, 'b')], [1, request('back', 'second', 2, 'c')]).granted).toBe('yn');
  });
  it('that was restarted waits as long as it may have lent', () => {
    const { memory } = play([0, request('take', 'first', 1)]).keeper;
    expect(ask(started(memory, 50_000), request('take', 'second', 2), 52_999).answer).toMatchObject({ granted: false, waitMs: 1 }); // prettier-ignore
  });
});

describe('on the wire', () => {
  it('nothing is taken without the secret, or with another number', () => {
    const line = seal('a secret of sixteen', 'nonce', { a: 1 });
    expect(unseal('a secret of sixteen', 'nonce', line)).toEqual({ a: 1 });
    expect(unseal('another secret', 'nonce', line)).toBeUndefined();
    expect(unseal('a secret of sixteen', 'another', line)).toBeUndefined();
    expect(unseal('a secret of sixteen', 'nonce', line.replace('1', '2'))).toBeUndefined();
    for (const seal of ['é'.repeat(64), 'Z'.repeat(64), '0'.repeat(64)])
      expect(unseal('a secret of sixteen', 'nonce', JSON.stringify({ body: '1', seal }))).toBeUndefined();
    expect(unseal('a secret of sixteen', 'nonce', 'garbage')).toBeUndefined();
  });
});

describe('the service', () => {
  let folder = '';
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'cfha-keeper-'))));
  afterAll(() => rmSync(folder, { recursive: true }));
  const secret = 'a secret of sixteen';
  const closed = { host: '127.0.0.1', port: 1 };
  const ports = { first: closed, second: closed };

  it('tries the port of a site, and lends nothing by that', async () => {
    const site = createServer().listen(0, '127.0.0.1');
    await once(site, 'listening');
    const first = { host: '127.0.0.1', port: (site.address() as AddressInfo).port };
    const file = join(folder, 'trying.json');
    const options = { file, address: '127.0.0.1', port: 0, secret, ports: { first, second: closed } };
    const server = await serveKeeper({ ...options, log: () => undefined }, blank);
    const to = { host: '127.0.0.1', port: (server.address() as AddressInfo).port, secret };
    expect(await askKeeper(to, request('try', 'first', 0), 2000)).toMatchObject({ granted: true, epoch: 0 });
    expect(await askKeeper(to, request('try', 'second', 0), 2000)).toMatchObject({ granted: false, epoch: 0 });
    for (const one of [site, server]) await new Promise((ended) => one.close(ended));
    expect(readMemory(file)).toBeUndefined();
  });

  const run = async (file: string, work: (port: number) => Promise<void>) => {
    const server = await serveKeeper({ file, address: '127.0.0.1', port: 0, secret, ports, log: () => undefined }, readMemory(file) ?? blank); // prettier-ignore
    await work((server.address() as AddressInfo).port).finally(() => new Promise((ended) => server.close(ended)));
  };

  it('lends nothing at first: its disk may have been lost, with what it knew of a loan', async () => {
    const file = join(folder, 'anew.json');
    makeMemory(file, 60_000);
    await run(file, async (port) => {
      const answer = await askKeeper({ host: '127.0.0.1', port, secret }, request('take', 'first', 1), 2000);
      expect(answer).toMatchObject({ granted: false, epoch: 0 });
      expect(answer?.waitMs).toBeGreaterThan(10_000);
    });
  });

  it.each(['', 'garbage', '{"epoch":', '{"epoch":"1"}', 'null'])('does not guess what it has promised: %j', (text) => {
    const file = join(folder, 'damaged.json');
    writeFileSync(file, text);
    expect(() => readMemory(file)).toThrow(UnreadableAnswer);
  });

  it('takes nothing that comes long after its number was given out: a yield would end the next loan', async () => {
    const file = join(folder, 'late.json');
    makeMemory(file, 0);
    await run(file, async (port) => {
      const to = { host: '127.0.0.1', port, secret };
      const say = async (what: Request['what'], afterMs: number): Promise<string> => {
        const socket = connect(port, '127.0.0.1').setEncoding('utf8');
        const [nonce] = (await once(socket, 'data')) as [string];
        await sleep(afterMs);
        socket.write(seal(secret, nonce.trim(), { nonce: 'mine', request: request(what, 'first', 1) }));
        const answer = await Promise.race([once(socket, 'data'), once(socket, 'close')]);
        socket.destroy();
        return String(answer[0]);
      };
      expect(await say('hold', 0)).toContain('granted');
      expect(await say('yield', askMsOf(leaseMs) + 50)).not.toContain('granted');
      expect((await askKeeper(to, request('look', 'first', 0), 2000))?.waitMs).toBeGreaterThan(1000);
      expect(await say('yield', 0)).toContain('granted');
      expect((await askKeeper(to, request('look', 'first', 0), 2000))?.waitMs).toBe(0);
    });
  });

  it('remembers over a restart what it has said yes to, and answers nobody without the secret', async () => {
    const file = join(folder, 'keeper.json');
    expect(readMemory(file)).toBeUndefined();
    makeMemory(file, 0);
    await run(file, async (port) => {
      const to = { host: '127.0.0.1', port, secret };
      expect(await askKeeper(to, request('take', 'first', 1), 2000)).toMatchObject({ granted: true, epoch: 1, holder: 'first' }); // prettier-ignore
      expect(
        await askKeeper({ ...to, secret: 'wrong wrong wrong' }, request('look', 'first', 0), 2000),
      ).toBeUndefined();
    });
    expect(readMemory(file)).toMatchObject({ epoch: 1, holder: 'first' });
    await run(file, async (port) => {
      const answer = await askKeeper({ host: '127.0.0.1', port, secret }, request('take', 'second', 2), 2000);
      expect(answer).toMatchObject({ granted: false, epoch: 1, holder: 'first' });
      expect(answer?.waitMs).toBeGreaterThan(1000);
    });
  });
  it('that is not there is no answer', async () => {
    expect(await askKeeper({ host: '127.0.0.1', port: 1, secret }, request('look', 'first', 0), 500)).toBeUndefined();
  });
});
