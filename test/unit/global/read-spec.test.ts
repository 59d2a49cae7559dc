import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readSecret, readSpec } from '../../../global/read-spec.ts';
import { aGlobalFile } from './pretend-sites.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cfha-global-'));
  writeFileSync(join(folder, 'witness.secret'), 'sixteen-characters\n', { mode: 0o600 });
  writeFileSync(join(folder, 'short.secret'), 'short\n', { mode: 0o600 });
  writeFileSync(join(folder, 'open.secret'), 'sixteen-characters\n', { mode: 0o644 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The file with one value replaced; `undefined` takes the key out. */
function having(path: string, value: unknown): string {
  const file = structuredClone(aGlobalFile) as Record<string, unknown>;
  const keys = path.split('.');
  const parent = keys.slice(0, -1).reduce((inner, key) => inner[key] as Record<string, unknown>, file);
  parent[keys.at(-1) ?? ''] = value;
  return stringify(file);
}

const problems = (text: string) => {
  const read = readSpec(text);
  if ('problems' in read) return read.problems;
  const secret = readSecret(read.spec, folder);
  return 'problems' in secret ? secret.problems : [];
};

describe('a good file', () => {
  it('gives the defaults and the secret', () => {
    const read = readSpec(stringify(aGlobalFile));
    expect(read).toMatchObject({
      spec: {
        postgres: { port: 5432, user: 'postgres' },
        failover: { failures: 2, interval: 60 },
        ssh: { user: 'root' },
      },
    });
    expect('spec' in read && readSecret(read.spec, folder)).toEqual({ secret: 'sixteen-characters' });
  });
  it('needs no witnesses and no archive', () => {
    expect(problems(having('witnesses', undefined))).toEqual([]);
    expect(problems(having('archive', undefined))).toEqual([]);
  });
});

describe('a bad file', () => {
  it.each([
    ['first', undefined, 'first'],
    ['first.address', 'db1', 'first.address'],
    ['second.host', 'DB2', 'second.host'],
    ['second.host', 'db1', 'second.host'],
    ['second.address', '10.77.0.11', 'second.address'],
    ['database.passfile', '.pgpass', 'database.passfile'],
    ['database.name', 'a b', 'database.name'],
    ['postgres.port', 80, 'postgres.port'],
    ['postgres.service', 'postgresql.service', 'postgres.service'],
    ['failover', { failures: 0 }, 'failover.failures'],
    ['failover', { interval: 0.5 }, 'failover.interval'],
    ['archive.write', '/srv/pg/main/archive', 'archive.write'],
    ['gate', { firewall: 'pf' }, 'gate.firewall'],
    ['witnesses.hosts', ['10.77.0.21', '10.77.0.22'], 'witnesses.hosts'],
    ['witnesses.hosts', ['10.77.0.11'], 'witnesses.hosts[0]'],
    ['witnesses.hosts', ['10.77.0.21', '10.77.0.21', '10.77.0.22'], 'witnesses.hosts[1]'],
    ['witnesses.secret.file', 'short.secret', 'witnesses.secret.file'],
    ['witnesses.secret.file', 'open.secret', 'witnesses.secret.file'],
    ['witnesses.secret.file', 'none.secret', 'witnesses.secret.file'],
    ['colour', 'red', 'colour'],
  ])('%s: %j', (path, value, where) => {
    const found = problems(having(path, value));
    expect(found.map((problem) => problem.path)).toEqual([where]);
    expect(found[0]?.expected).not.toBe('');
  });
  it('is told all at once', () => {
    expect(problems('first: { host: A }\nsecond: 3').map(({ path }) => path)).toEqual([
      'first.host',
      'first.address',
      'second',
      'database',
      'postgres',
    ]);
  });
  it('is no crash, whatever it holds', () => {
    fc.assert(fc.property(fc.string(), (text) => void readSpec(text)));
    fc.assert(fc.property(fc.jsonValue(), (value) => void readSpec(JSON.stringify(value))));
  });
});
