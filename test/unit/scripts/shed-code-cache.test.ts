import { describe, expect, it } from '@jest/globals';
import { shedCodeCache } from '../../../scripts/shed-code-cache.ts';

const number = (n: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(n));
  return bytes;
};
const entry = (id: string, size = 32): Buffer =>
  Buffer.concat([number(id.length), Buffer.from(id), number(size), Buffer.alloc(size, 0xa9)]);
const ids = ['internal/bootstrap/node', ...Array.from({ length: 400 }, (_, i) => `internal/module/${i}`)];
const caches = (of: readonly string[] = ids): Buffer =>
  Buffer.concat([number(of.length), ...of.map((id) => entry(id))]);
const around = Buffer.from('7f454c46000000000000000100000000000000ff', 'hex');
const executable = (...vectors: readonly Buffer[]): Buffer =>
  Buffer.concat([around, ...vectors.flatMap((vector) => [vector, around])]);

describe("the code caches of Node's own modules", () => {
  it('are counted as none, and nothing else changes', () => {
    const [before, after] = [executable(caches()), executable(caches())];
    shedCodeCache(after);
    expect(after.readBigUInt64LE(around.length)).toBe(0n);
    number(ids.length).copy(after, around.length);
    expect(after.equals(before)).toBe(true);
  });

  it.each([
    ['there are none', executable()],
    ['there are two vectors of them', executable(caches(), caches())],
    ['they end in the middle', executable(caches()).subarray(0, 9000)],
    ['they are of something else', executable(caches(ids.slice(1)))],
    ['it has been done already', shed(executable(caches()))],
  ])('are left alone with an error if %s', (_, bytes) => {
    const before = Buffer.from(bytes);
    expect(() => {
      shedCodeCache(bytes);
    }).toThrow("one vector of Node's code caches was expected");
    expect(bytes.equals(before)).toBe(true);
  });
});

function shed(bytes: Buffer): Buffer {
  shedCodeCache(bytes);
  return bytes;
}
