// Real processes: a shell that bears the server's name, in a directory that stands for the data directory.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findProcess, processesIn, type Process } from '../../../../lib/host/processes.ts';
import { findPostmaster, shutDown } from '../../../../lib/postgres/shutdown.ts';

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'cfha-shutdown-'));
  copyFileSync('/bin/bash', join(data, 'postgres'));
});

afterEach(() => {
  for (const { pid } of processesIn(data, 'postgres')) process.kill(pid, 'SIGKILL');
  rmSync(data, { recursive: true });
});

/** A postmaster that ends at once when it is asked, and a child of it that does what it is told (-m: and does not ignore SIGQUIT). */
async function serverWithChild(child: string): Promise<Process> {
  const server = spawn(
    join(data, 'postgres'),
    ['-c', `set -m; trap 'exit 0' INT; ./postgres -c "${child}" & echo ready; wait`],
    { cwd: data, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await new Promise((resolve) => server.stdout.once('data', resolve));
  const found = findProcess(server.pid ?? 0);
  if (found === undefined) throw new Error('it has not started');
  return found;
}

test('it is over only when the last child has ended: the logger outlives its postmaster by a moment', async () => {
  const postmaster = await serverWithChild('sleep 0.5; :');

  expect(await shutDown(postmaster, data, { fastMs: 10_000, killMs: 20_000 })).toBe('fast');

  expect(processesIn(data, 'postgres')).toEqual([]);
  expect(findPostmaster(data, undefined, () => false)).toBeUndefined();
});

test('a child that goes on without its postmaster is asked to quit', async () => {
  const postmaster = await serverWithChild("trap 'exit 2' QUIT; while :; do sleep 0.05; done");

  expect(await shutDown(postmaster, data, { fastMs: 300, killMs: 20_000 })).toBe('immediate');

  expect(processesIn(data, 'postgres')).toEqual([]);
});

test('a child that goes on without its postmaster and does not listen is killed', async () => {
  const postmaster = await serverWithChild("trap '' QUIT; while :; do sleep 0.05; done");

  expect(await shutDown(postmaster, data, { fastMs: 300, killMs: 600 })).toBe('killed');

  expect(processesIn(data, 'postgres')).toEqual([]);
});
