// spawn.ts with real programs.
import { expect, test } from '@jest/globals';
import { spawnExec } from '../../../../lib/host/spawn.ts';

test('programs that end at the same time each have their whole output', async () => {
  const exec = spawnExec();
  const text = 'x'.repeat(60_000); // as much as a pipe holds: its writer has ended before anybody reads
  for (let round = 0; round < 40; round++) {
    const results = await Promise.all(
      Array.from({ length: 8 }, () => exec({ argv: ['sh', '-c', 'cat; echo end >&2'], input: text })),
    );
    const found = results.map(({ code, stdout, stderr }) => ({ code, read: stdout.length, stderr }));
    expect(found).toEqual(found.map(() => ({ code: 0, read: text.length, stderr: 'end\n' })));
  }
});

test('a program that ends is not waited for by what it leaves behind', async () => {
  const began = Date.now();
  const result = await spawnExec()({ argv: ['sh', '-c', 'sleep 20 & echo "$!"'] });
  process.kill(Number(result.stdout));
  expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\n$/) });
  expect(Date.now() - began).toBeLessThan(10_000);
});

test('a program that takes longer than it may is killed, and one that is not there is not found', async () => {
  const exec = spawnExec();
  expect(await exec({ argv: ['sh', '-c', 'echo begun; exec sleep 20'], timeoutMs: 300 })).toEqual({
    code: undefined,
    failure: 'timed out',
    stdout: 'begun\n',
    stderr: '',
  });
  expect(await exec({ argv: ['/no/such/program'] })).toMatchObject({ code: undefined, failure: 'not found' });
});
