import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { readSpec } from '../../../bootstrap/read-spec.ts';
import { secretsHere, typed } from '../../../lib/host/secrets-here.ts';
import { aFile } from './pretend-hosts.ts';

const folder = mkdtempSync(join(tmpdir(), 'cfha-secrets-'));
for (const name of ['fencing', 'replication', 'owner'])
  writeFileSync(join(folder, `${name}.password`), `${name}-secret\n`, { mode: 0o600 });
afterAll(() => rmSync(folder, { recursive: true }));

/** The owner's password given in another way. */
const withOwner = (password: object) =>
  stringify({
    ...aFile,
    postgres: { ...aFile.postgres, database: { ...aFile.postgres.database, password } },
  });

function read(password: object, { env = {}, typing }: { env?: Record<string, string>; typing?: string } = {}) {
  const asked: string[] = [];
  const ask = (question: string) => {
    asked.push(question);
    return typing;
  };
  const result = readSpec(withOwner(password), folder, { fromEnvironment: (name) => env[name], ask });
  const nothing = { problems: undefined, owner: undefined };
  return { ...nothing, asked, ...('problems' in result ? result : { owner: result.passwords.owner }) };
}

describe('a password', () => {
  it('comes from a file, from the environment or from the terminal', () => {
    expect(read({ file: 'owner.password' })).toMatchObject({ owner: 'owner-secret', asked: [] });
    expect(read({ env: 'OWNER' }, { env: { OWNER: 'of env' } })).toMatchObject({ owner: 'of env', asked: [] });
    expect(read({ prompt: true }, { typing: 'of keys' })).toEqual({
      owner: 'of keys',
      asked: ['postgres.database.password'],
    });
  });

  it.each([
    ['from an environment without it', { env: 'OWNER' }, 'postgres.database.password.env'],
    ['from nobody at a terminal', { prompt: true }, 'postgres.database.password.prompt'],
    ['from two places', { file: 'owner.password', env: 'OWNER' }, 'postgres.database.password'],
    ['from nowhere', {}, 'postgres.database.password'],
    ['with its name as a text', { env: 'NO NAME' }, 'postgres.database.password.env'],
  ])('%s is refused', (_, password, path) => {
    expect(read(password).problems?.map((problem) => problem.path)).toContain(path);
  });

  it('is not asked for while anything else is wrong', () => {
    const result = read({ prompt: true, file: 'missing' }, { typing: 'x' });
    expect(result).toMatchObject({ asked: [] });
    expect(result.problems).not.toEqual([]);
  });

  it.each([0o644, 0o640, 0o604, 0o660])('in a file of mode %o is refused with the command that mends it', (mode) => {
    const path = join(folder, 'open password');
    writeFileSync(path, 'x\n');
    chmodSync(path, mode);
    const [problem, ...more] = read({ file: 'open password' }).problems ?? [];
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ path: 'postgres.database.password.file' });
    expect(problem?.given).toContain(`(mode 0${mode.toString(8)})`);
    expect(problem?.expected).toContain(`chmod 600 '${path}'`);
    chmodSync(path, 0o400);
    expect(read({ file: 'open password' })).toMatchObject({ owner: 'x' });
  });
});

describe('what is typed', () => {
  const keys = (text: string) => {
    const bytes = [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
    return typed(() => bytes.shift());
  };
  it('is a line, as it was corrected', () => {
    expect(keys('geheim\n')).toBe('geheim');
    expect(keys('ü€x\u007f\u007fb\r')).toBe('üb');
  });
  it('is nothing if it was broken off', () => {
    expect(keys('gehe\u0003im\n')).toBeUndefined();
    expect(keys('gehe')).toBeUndefined();
  });
});

it('a variable is taken out of the environment when it is read, and is known still', () => {
  process.env['CFHA_TEST_SECRET'] = 'x';
  expect(secretsHere.fromEnvironment('CFHA_TEST_SECRET')).toBe('x');
  expect(process.env['CFHA_TEST_SECRET']).toBeUndefined();
  expect(secretsHere.fromEnvironment('CFHA_TEST_SECRET')).toBe('x');
});
