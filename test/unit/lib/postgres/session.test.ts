import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ownIdentity } from '../../../../lib/host/identity.ts';
import { keptSession } from '../../../../lib/postgres/kept-session.ts';
import { query, type Target } from '../../../../lib/postgres/session.ts';

let folder: string;
let server: Server | undefined;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'cfha-session-'))));
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

const int16 = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff]);
const int32 = (value: number): Buffer => Buffer.concat([int16(value >> 16), int16(value)]);
const text = (value: string): Buffer => Buffer.from(`${value}\0`);
function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}
const ready = message('Z', Buffer.from('I'));
const welcome = Buffer.concat([message('R', int32(0)), message('K', int32(1), int32(1)), ready]);
const column = (name: string, type: number): Buffer =>
  message('T', int16(1), text(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0));
const row = (value: string): Buffer => message('D', int16(1), int32(Buffer.byteLength(value)), Buffer.from(value));
const done = message('C', text('SELECT 1'));
const answer = (value: string, type = 25): Buffer => Buffer.concat([column('c', type), row(value), done, ready]);
const refusal = (code: string): Buffer =>
  message('E', text('SFATAL'), text('VFATAL'), text(`C${code}`), text('Mnein'), Buffer.from([0]));

/** What a client has begun with: names and values. */
type Beginning = Readonly<Record<string, string>>;

function beginningIn(data: Buffer): Beginning {
  const words = data.subarray(8).toString().split('\0');
  return Object.fromEntries(
    words.flatMap((word, n) => (n % 2 === 0 && word !== '' ? [[word, words[n + 1] ?? '']] : [])),
  );
}

/** Serves: the welcome or what takes its place, and what follows a question. Returns how each session began. */
async function serving(
  greeting: (beginning: Beginning) => Buffer,
  answering: (socket: Socket) => void = (socket) => void socket.write(answer('x')),
): Promise<readonly Beginning[]> {
  const beginnings: Beginning[] = [];
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      const beginning = beginningIn(typeof data === 'string' ? Buffer.from(data) : data);
      beginnings.push(beginning);
      socket.write(greeting(beginning));
      socket.on('data', (said) => (said[0] === 'Q'.charCodeAt(0) ? answering(socket) : socket.end()));
    });
  });
  await new Promise<void>((resolve) => server?.listen(join(folder, '.s.PGSQL.5432'), resolve));
  return beginnings;
}

const target = (more: Partial<Target> = {}): Target => ({
  ...{ host: folder, port: 5432, user: 'u', database: 'd', as: ownIdentity(), timeoutMs: 5000, ...more },
});
const ask = (more?: Partial<Target>) => query(target(more), (rows) => (rows.length === 0 ? 'select' : undefined));

describe('a session', () => {
  it('fixes what its answers depend on when it begins', async () => {
    const begun = await serving(() => welcome);
    expect(await ask({ owner: true })).toEqual([{ rows: [{ c: 'x' }] }]);
    const options = begun[0]?.['options'] ?? '';
    for (const set of [
      'search_path=', 'role=none', String.raw`default_transaction_isolation=read\ committed`, 'default_transaction_read_only=off',
      'default_transaction_deferrable=off', 'statement_timeout=5000', 'lock_timeout=0', 'row_security=on', 'lc_messages=C',
    ]) expect(`${options} `).toContain(`-c ${set} `); // prettier-ignore
  });

  it('leaves the server’s settings to an administrator’s question, except for its end', async () => {
    const begun = await serving(() => welcome);
    await ask({ settings: 'of the server', owner: true });
    expect(begun[0]?.['options']).toBe('-c statement_timeout=5000');
  });

  it('begins without a language where the role may not choose it', async () => {
    const begun = await serving(({ options = '' }) => (options.includes('lc_messages') ? refusal('42501') : welcome));
    expect(await ask({ owner: true })).toEqual([{ rows: [{ c: 'x' }] }]);
    expect(begun).toHaveLength(2);
  });

  it.each(['3D000', '55000', '28000', '42501'])('goes to the other database after %s, and once', async (code) => {
    const begun = await serving(({ database }) => (database === 'template1' ? welcome : refusal(code)));
    expect(await ask({ database: 'postgres', otherDatabase: 'template1' })).toEqual([{ rows: [{ c: 'x' }] }]);
    expect(begun.map(({ database }) => database)).toEqual(['postgres', 'template1']);
  });

  it('is refused for good in both, or for another reason', async () => {
    const begun = await serving(() => refusal('3D000'));
    expect(await ask({ otherDatabase: 'template1', owner: true })).toMatchObject([{ failure: { kind: 'refused' } }]);
    expect(begun).toHaveLength(2);
  });
  it.each([['57P03', 'starting'], ['53300', 'full'], ['28P01', 'refused']])('is tried no other way after %s', async (code, kind) => {
    const begun = await serving(() => refusal(code));
    expect(await ask({ otherDatabase: 'template1', owner: true })).toMatchObject([{ failure: { kind } }]);
    expect(begun).toHaveLength(1);
  }); // prettier-ignore
});

describe('a hostile server', () => {
  it.each<readonly [string, Buffer]>([
    ['a column that is larger than its message', Buffer.concat([column('c', 25), message('D', int16(1), int32(9999), text('x'))])],
    ['a row of more columns than there are', Buffer.concat([column('c', 25), message('D', int16(99), int32(1), text('x')), ready])],
    ['an answer to nothing', Buffer.concat([ready, row('x')])],
    ['something else', Buffer.from('HTTP/1.1 200 OK\r\n\r\n'.repeat(20))],
  ])('that sends %s ends the session, not the process', async (_, data) => {
    await serving(() => welcome, (socket) => void socket.write(data, () => socket.end()));
    const [said] = await ask({ timeoutMs: 1000 });
    if (said !== undefined && 'failure' in said) expect(said.failure.message).not.toBe('');
    else expect(said?.rows.length ?? 0).toBeLessThan(2);
  }); // prettier-ignore

  it('that never ends its answer is left at the limit', async () => {
    await serving(() => welcome, (socket) => {
      socket.write(Buffer.concat([column('c', 25), Buffer.from('D'), int32(300 * 1024 * 1024)]));
      const flood = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536))) continue;
      };
      socket.on('drain', flood);
      flood();
    }); // prettier-ignore
    const [said] = await ask({ mostBytes: 1024 * 1024, timeoutMs: 20_000 });
    expect(said).toEqual({ failure: { kind: 'failed', message: 'the server sent more than 1048576 bytes' } });
  });

  it('that says nothing more is left in time', async () => {
    await serving(() => welcome, () => undefined); // prettier-ignore
    expect(await ask({ timeoutMs: 50 })).toMatchObject([{ failure: { kind: 'hung' } }]);
  });

  it.each([
    [1114, 'not a date'],
    [114, '{"cut'],
    [1007, '{1,2'],
    [17, '\\x0'],
    [20, '9007199254740993'],
  ])('that calls its text of type %d has it read as text', async (type, value) => {
    await serving(() => welcome, (socket) => void socket.write(answer(value, type))); // prettier-ignore
    expect(await ask()).toEqual([{ rows: [{ c: value }] }]);
  });

  it('that answers twice is heard once', async () => {
    const twice = Buffer.concat([column('c', 25), row('a'), done, column('c', 25), row('b'), done, ready]);
    await serving(() => welcome, (socket) => void socket.write(twice)); // prettier-ignore
    expect(await ask()).toEqual([{ rows: [{ c: 'b' }] }]);
  });
});

describe('a session that is kept', () => {
  it('counts each answer by itself, and stays open after a statement’s own error', async () => {
    const begun = await serving(() => welcome, (socket) => void socket.write(answer('x'.repeat(600)))); // prettier-ignore
    const kept = keptSession(target({ mostBytes: 1000 }));
    for (let n = 0; n < 5; n++) expect(await kept.ask('select')).toHaveProperty('rows');
    kept.end();
    expect(begun).toHaveLength(1);
  });

  it('is begun anew when the server has ended it', async () => {
    const begun = await serving(() => welcome, (socket) => void socket.write(refusal('57P01'), () => socket.end())); // prettier-ignore
    const kept = keptSession(target());
    for (let n = 0; n < 2; n++) expect(await kept.ask('select')).toMatchObject({ failure: { kind: 'hung' } });
    expect(begun).toHaveLength(2);
  });
});
