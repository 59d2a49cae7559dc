import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const file = new URL('../../../../lib/host/terminal.ts', import.meta.url).href;

/** Works for a while, with or without leave to be ended half-way; then says whether somebody has asked it to stop. */
const program = (work: string) => `
const { terminal } = await import('${file}');
const words = terminal();
const work = () => new Promise((resolve) => setTimeout(resolve, 700));
words.out('ready\\n');
await ${work};
for (let n = 0; n < 20; n++) words.out('a line\\n');
await new Promise((resolve) => setTimeout(resolve, 50));
process.exitCode = words.stopping() ? 7 : 8;
`;

async function ended(work: string, signals: readonly NodeJS.Signals[], { deaf = false } = {}) {
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', program(work)]);
  const exit = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (more: string) => (said += more));
  await once(child.stdout, 'data');
  if (deaf) child.stdout.destroy();
  for (const signal of signals) {
    child.kill(signal);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const [code] = (await exit) as [number | null];
  return { code, said };
}

const unstoppable = `words.unstoppable('It goes on.', work)`;

describe('who wants it to stop', () => {
  it('is told that it does, at the next step', async () => {
    expect(await ended('work()', ['SIGINT'])).toMatchObject({ code: 7, said: expect.stringContaining('Once more') });
  });
  it('ends it by saying so twice', async () => expect((await ended('work()', ['SIGINT', 'SIGTERM'])).code).toBe(130));
  it('does not end what may not be left half done', async () => {
    const { code, said } = await ended(unstoppable, ['SIGINT', 'SIGINT', 'SIGTERM']);
    expect([code, said.trim().split(/\n+/)]).toEqual([7, ['It goes on.', 'It goes on.', 'It goes on.']]);
  });
  it('does not by closing the terminal, and what is said then is lost', async () => {
    expect((await ended('work()', ['SIGHUP'], { deaf: true })).code).toBe(7);
    expect((await ended(unstoppable, ['SIGHUP', 'SIGHUP'], { deaf: true })).code).toBe(7);
  });
  it('is nobody: it says so', async () => expect((await ended('work()', [])).code).toBe(8));
});
