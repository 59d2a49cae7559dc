import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passwordOf } from '../../../agent/target.ts';
import type { Site } from '../../../agent/site.ts';

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'cfha-password-'));
  writeFileSync(join(home, '.pgpass'), 'localhost:5432:*:postgres:of-pgdba\n*:*:*:watcher:of-watcher\n', {
    mode: 0o600,
  });
  writeFileSync(join(home, 'passfile'), '*:*:*:watcher:of-passfile\n', { mode: 0o600 });
});
afterAll(() => rmSync(home, { recursive: true }));

const plain = {
  pgdba: 'postgres',
  monitor_user: '',
  monitor_password: '',
  passfile: '',
  pghost: '',
  socketdir: '',
  pgport: 5432,
  pgdb: 'template1',
};
const passwordIn = (user: string, more: Partial<typeof plain>) =>
  passwordOf(user, {
    call: { parameters: { ...plain, ...more } },
    user: { name: 'postgres', uid: process.getuid?.() ?? 0, gid: 0, home },
  } as unknown as Site);

describe('the password of a session', () => {
  it('is that of pgdba’s own file, as psql would find it', () => {
    expect(passwordIn('postgres', {})).toBe('of-pgdba');
    expect(passwordIn('postgres', { pghost: '10.0.0.1' })).toBeUndefined();
    expect(passwordIn('watcher', { monitor_user: 'watcher', pghost: '10.0.0.1' })).toBe('of-watcher');
  });
  it('is that of the socket’s directory, where that is not the default', () => {
    writeFileSync(join(home, 'sockets'), '/run/other:*:*:postgres:of-directory\n', { mode: 0o600 });
    expect(passwordIn('postgres', { socketdir: '/run/other', passfile: join(home, 'sockets') })).toBe('of-directory');
    expect(passwordIn('postgres', { socketdir: '/run/other' })).toBe('of-pgdba');
  });
  it('is that of the parameter, for its user alone', () => {
    const more = { monitor_user: 'watcher', monitor_password: 'of-parameter' };
    expect([passwordIn('watcher', more), passwordIn('postgres', more)]).toEqual(['of-parameter', 'of-pgdba']);
  });
  it('is that of the passfile, where there is one', () => {
    const more = { monitor_user: 'watcher', passfile: join(home, 'passfile') };
    expect([passwordIn('watcher', more), passwordIn('postgres', more)]).toEqual(['of-passfile', undefined]);
  });
  it('is none that others may read', () => {
    chmodSync(join(home, '.pgpass'), 0o640);
    expect(passwordIn('postgres', {})).toBeUndefined();
  });
});
