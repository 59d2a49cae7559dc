import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { worksIn } from '../../../../lib/host/processes.ts';

/** A process that works in a directory, or was begun with `-D` and its name, as a postmaster is. */
async function working(directory: string, words: readonly string[], look: (pid: number) => void): Promise<void> {
  const child = spawn(process.execPath, ['-e', "process.stdout.write('ready'); setTimeout(() => 0, 60000)", '--', ...words], { cwd: directory }); // prettier-ignore
  await once(child.stdout, 'data');
  try {
    look(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
  }
}

describe('a process works in a data directory', () => {
  const made = () => mkdtempSync(join(tmpdir(), 'cfha-works-'));
  it('that is there', async () => {
    const [data, other] = [made(), made()];
    await working(data, [], (pid) => {
      expect([worksIn(pid, data), worksIn(pid, other)]).toEqual([true, false]);
    });
    for (const one of [data, other]) rmSync(one, { recursive: true });
  });
  it('that was removed', async () => {
    const data = made();
    await working(data, [], (pid) => {
      rmSync(data, { recursive: true });
      expect([worksIn(pid, data), worksIn(pid, `${data}-other`)]).toEqual([true, false]);
    });
  });
  it('that cannot be looked at any more, by the name it was begun with', async () => {
    const data = made();
    await working(data, ['-D', data], (pid) => {
      renameSync(data, `${data}-moved`);
      expect([worksIn(pid, data), worksIn(pid, `${data}/`), worksIn(pid, `${data}-other`)]).toEqual([
        true,
        true,
        false,
      ]);
      // Another one in its place, as below a volume that is unmounted.
      mkdirSync(data);
      expect(worksIn(pid, data)).toBe(true);
    });
    for (const one of [data, `${data}-moved`]) rmSync(one, { recursive: true });
  });
  it('or there is no such process', () => expect(worksIn(2 ** 22 + 1, '/')).toBe(false));
});
