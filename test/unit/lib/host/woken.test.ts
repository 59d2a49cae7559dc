import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../../../..');

/** A program in a snapshot, built while a timer of a second was set and cleared, as the agent's rehearsal leaves one. */
const program = `
import { execFile } from 'node:child_process';
import { startupSnapshot } from 'node:v8';
import { wake } from './lib/host/woken.ts';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const programs = {
  waits: async () => {
    await new Promise((resolve) => execFile('sleep', ['1.3'], resolve));
    await pause(20);
    process.stdout.write('waited');
    return 3;
  },
  never: () => new Promise(() => undefined),
  breaks: async () => { throw new Error('broken'); },
};
startupSnapshot.setDeserializeMainFunction(() => wake(programs[process.argv[1]], (code) => (process.exitCode = code)));
clearTimeout(setTimeout(() => undefined, 1000));
`;

const folder = mkdtempSync(join(tmpdir(), 'cfha-woken-'));
const blob = join(folder, 'blob');

const node = (...args: readonly string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, ['--no-warnings', '--snapshot-blob', blob, ...args], (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

beforeAll(async () => {
  const outfile = join(folder, 'program.cjs');
  const stdin = { contents: program, resolveDir: root, loader: 'ts' } as const;
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'silent' });
  expect(await node('--build-snapshot', outfile)).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a program that wakes from a snapshot', () => {
  it('has timers, also later than those of the build', async () => {
    expect(await node('waits')).toEqual({ code: 3, stdout: 'waited', stderr: '' });
  });

  it('fails if its work cannot end any more', async () => {
    const { code, stderr } = await node('never');
    expect(code).toBe(1);
    expect(stderr).toContain('the work is not done');
  });

  it('says how its work broke, without the source around it', async () => {
    const { code, stderr } = await node('breaks');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^internal error: Error: broken\n(    at .*\n?)*\. Please report it\.\n$/);
  });
});
