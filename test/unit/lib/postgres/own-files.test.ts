// What a node has of its own in a data directory, kept by the real find and tar.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Argv } from '../../../../lib/host/exec.ts';
import { restoreOwnArgv, saveOwnArgv } from '../../../../lib/postgres/own-files.ts';

let place: string;
beforeEach(() => void (place = mkdtempSync(join(tmpdir(), 'own-files-'))));
afterEach(() => rmSync(place, { recursive: true }));

/** A data directory with PostgreSQL's own files, and these. */
function dataOf(name: string, files: Readonly<Record<string, string>>): string {
  const all = {
    PG_VERSION: name,
    'base/5/1': name,
    'global/pg_control': name,
    'pg_wal/1': name,
    'pg_xact/0': name,
    backup_label: name,
    'log/a.log': name,
    ...files,
  };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(place, name, file)), { recursive: true });
    writeFileSync(join(place, name, file), text);
  }
  return join(place, name);
}

function run([file, ...args]: Argv): void {
  expect(spawnSync(file, args, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
}

const theirs = {
  'postgresql.conf': 'theirs',
  'pg_hba.conf': 'theirs',
  'server.key': 'theirs',
  'conf.d/theirs.conf': 'theirs',
};

it('takes the place of what the primary has, and nothing of the data', () => {
  const own = dataOf('own', {
    'postgresql.conf': 'own',
    'pg_hba.conf': 'own',
    'server.key': 'own',
    'conf.d/b c\n.conf': 'own',
  });
  chmodSync(join(own, 'server.key'), 0o600);
  symlinkSync('/etc/ssl/certs/ours.pem', join(own, 'server.crt'));
  const copy = dataOf('copy', theirs);
  symlinkSync(join(place, 'elsewhere'), join(copy, 'server.crt'));
  writeFileSync(join(place, 'elsewhere'), 'untouched');
  const archive = join(place, 'own.tar');
  run(saveOwnArgv(own, archive));
  for (const times of [1, 2]) {
    run(restoreOwnArgv(copy, archive));
    const read = (file: string) => readFileSync(join(copy, file), 'utf8');
    expect([times, ...['postgresql.conf', 'pg_hba.conf', 'server.key', 'conf.d/b c\n.conf'].map(read)]).toEqual([
      times,
      'own',
      'own',
      'own',
      'own',
    ]);
    expect(
      ['PG_VERSION', 'base/5/1', 'global/pg_control', 'pg_wal/1', 'pg_xact/0', 'backup_label', 'log/a.log'].map(read),
    ).toEqual(Array(7).fill('copy'));
  }
  expect(lstatSync(join(copy, 'server.key')).mode & 0o777).toBe(0o600);
  expect(readlinkSync(join(copy, 'server.crt'))).toBe('/etc/ssl/certs/ours.pem');
  expect(readFileSync(join(place, 'elsewhere'), 'utf8')).toBe('untouched');
  expect(readdirSync(join(copy, 'conf.d'))).toEqual(['b c\n.conf']);
  expect(readdirSync(place).toSorted()).toEqual(['copy', 'elsewhere', 'own', 'own.tar']);
});

it('leaves out what is too large for a configuration', () => {
  const own = dataOf('own', { 'postgresql.conf': 'own', 'core.large': 'x'.repeat(2 << 20), dump: 'x'.repeat(2 << 20) });
  run(saveOwnArgv(own, join(place, 'own.tar')));
  expect(lstatSync(join(place, 'own.tar')).size).toBeLessThan(100_000);
});
