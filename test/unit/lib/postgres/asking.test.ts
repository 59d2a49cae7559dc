import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { askingWith, type Asking } from '../../../../lib/postgres/asking.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'asking-test-'));
});
afterEach(() => rmSync(place, { recursive: true }));

const { username: name, uid, gid, homedir: home } = userInfo();
const answer = { code: 0, stdout: '', stderr: '' };
const services = { primary: { host: 'db1', password: 'secret' } };

function ask<T>(question: (asking: Asking) => Promise<T>): Promise<T> {
  const exec = () => Promise.resolve(answer as never);
  return askingWith({ prefix: join(place, 'ask-'), user: { name, uid, gid, home }, exec, services }, question);
}

/** The number of a process that has ended. */
const ended = (): number => spawnSync('true').pid;

describe('asking another server', () => {
  it('keeps the password in a file that nobody else may read, for as long as it asks', async () => {
    const file = await ask(({ folder }) => {
      expect(readFileSync(join(folder, 'services'), 'utf8')).toContain('secret');
      expect(statSync(join(folder, 'services')).mode & 0o777).toBe(0o600);
      return Promise.resolve(folder);
    });
    expect(existsSync(file)).toBe(false);
  });

  it('removes it as well if the question fails', async () => {
    await expect(ask(() => Promise.reject(new Error('no route to host')))).rejects.toThrow('no route');
    expect(readdirSync(place)).toEqual([]);
  });

  it('removes what one that was killed has left, and nothing else', async () => {
    const kept = [`ask-${process.pid}-living`, 'ask-nobody', `other-${ended()}-x`];
    const left = join(place, `ask-${ended()}-AbCdEf`);
    [left, ...kept.map((one) => join(place, one))].forEach((folder) => mkdirSync(folder));
    writeFileSync(join(left, 'services'), 'password=secret');
    const seen = await ask(({ folder }) => Promise.resolve([basename(folder), ...readdirSync(place)]));
    expect(seen).toHaveLength(kept.length + 2);
    expect(readdirSync(place).sort()).toEqual([...kept].sort());
  });
});
