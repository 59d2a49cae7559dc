import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readSpec } from '../../../bootstrap/read-spec.ts';
import { aFile } from './pretend-hosts.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cfha-spec-'));
  for (const name of ['fencing', 'replication', 'owner'])
    writeFileSync(join(folder, `${name}.password`), `${name}-secret\n`, { mode: 0o600 });
  writeFileSync(join(folder, 'empty.password'), '\n', { mode: 0o600 });
  writeFileSync(join(folder, 'two.password'), 'one\ntwo\n', { mode: 0o600 });
  writeFileSync(join(folder, 'binary.password'), Buffer.from([0xff, 0xfe, 0x00]), { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The file with one value replaced; `undefined` takes the key out. */
function having(path: string, value: unknown): string {
  const file = structuredClone(aFile) as Record<string, unknown>;
  const keys = path.split('.');
  const parent = keys.slice(0, -1).reduce((inner, key) => inner[key] as Record<string, unknown>, file);
  parent[keys.at(-1) ?? ''] = value;
  return stringify(file);
}
const problems = (text: string) => {
  const read = readSpec(text, folder);
  return 'problems' in read ? read.problems : [];
};
const paths = (text: string) => problems(text).map((problem) => problem.path);

describe('a good region file', () => {
  it('gives the defaults and the passwords', () => {
    const read = readSpec(stringify(aFile), folder);
    expect(read).toMatchObject({
      spec: {
        ssh: { user: 'root', port: 22 },
        fencing: { delay: 5, options: { ssl_insecure: '1' } },
        postgres: { port: 5432, locale: 'C.UTF-8', parameters: {} },
      },
      passwords: { fencing: { fencing: 'fencing-secret' }, replication: 'replication-secret', owner: 'owner-secret' },
    });
  });
});

describe('a bad region file', () => {
  it.each([
    ['region', undefined, 'region'],
    ['region', 'debian', 'region'],
    ['region', 'two words', 'region'],
    ['region', 7, 'region'],
    ['bogus', 1, 'bogus'],
    ['nodes', undefined, 'nodes'],
    ['nodes', 'db1', 'nodes'],
    ['nodes', [aFile.nodes[0]], 'nodes'],
    ['nodes', ['11', '12', '13', '14'].map((n) => ({ name: `db${n}`, address: `10.77.0.${n}` })), 'nodes'],
    ['nodes.0.name', 'DB_1', 'nodes[0].name'],
    ['nodes.0.address', '10.77.0.300', 'nodes[0].address'],
    ['nodes.0.address', '010.77.0.11', 'nodes[0].address'],
    ['nodes.0.port', 22, 'nodes[0].port'],
    ['nodes.1.name', 'db1', 'nodes[1].name'],
    ['nodes.1.address', '10.77.0.11', 'nodes[1].address'],
    ['ssh', [], 'ssh'],
    ['ssh', { user: 'a b' }, 'ssh.user'],
    ['ssh', { port: 0 }, 'ssh.port'],
    ['ssh', { identity: '/nonexistent' }, 'ssh.identity'],
    ['vip.address', '10.78.0.100', 'vip.address'],
    ['vip.address', '10.77.0.11', 'vip.address'],
    ['vip.address', '10.77.0.255', 'vip.address'],
    ['vip.prefix', '24', 'vip.prefix'],
    ['vip.prefix', 24.5, 'vip.prefix'],
    ['vip.prefix', 33, 'vip.prefix'],
    ['fencing', undefined, 'fencing'],
    ['fencing.agent', '/bin/sh', 'fencing.agent'],
    ['fencing.options', { password: 'geheim' }, 'fencing.options.password'],
    ['fencing.options', { action: 'off' }, 'fencing.options.action'],
    ['fencing.options', { ip: 'a\nb' }, 'fencing.options.ip'],
    ['fencing.options', { ip: { a: 1 } }, 'fencing.options.ip'],
    ['fencing.password', 'geheim', 'fencing.password'],
    ['fencing.password.file', 'missing.password', 'fencing.password.file'],
    ['fencing.password.file', 'empty.password', 'fencing.password.file'],
    ['fencing.password.file', 'two.password', 'fencing.password.file'],
    ['fencing.password.file', 'binary.password', 'fencing.password.file'],
    ['fencing.password.file', '.', 'fencing.password.file'],
    ['fencing.hosts', { db1: 'dc1-db1-vm' }, 'fencing.hosts.db2'],
    ['fencing.hosts.db3', 'x', 'fencing.hosts.db3'],
    ['fencing.hosts.db2', 'dc1-db1-vm', 'fencing.hosts.db2'],
    ['fencing.hosts.db2', 'a;b', 'fencing.hosts.db2'],
    ['fencing.delay', -1, 'fencing.delay'],
    ['postgres.version', 12, 'postgres.version'],
    ['postgres.version', '15', 'postgres.version'],
    ['postgres.data', 'relative', 'postgres.data'],
    ['postgres.data', '/var/lib/../../etc', 'postgres.data'],
    ['postgres.data', `/${'x'.repeat(90)}`, 'postgres.data'],
    ['postgres.port', 80, 'postgres.port'],
    ['postgres.replication.mode', 'quorum', 'postgres.replication.mode'],
    ['postgres.replication.synchronous_standbys', 1, 'postgres.replication.synchronous_standbys'],
    ['postgres.replication.synchronous_standbys', 0, 'postgres.replication.synchronous_standbys'],
    ['postgres.parameters', { synchronous_standbys: '1' }, 'postgres.parameters.synchronous_standbys'],
    ['postgres.replication.logical_slots', 'synchronised', 'postgres.replication.logical_slots'],
    ['postgres.replication.user', 'postgres', 'postgres.replication.user'],
    ['postgres.replication.user', "a'b", 'postgres.replication.user'],
    ['postgres.database.name', 'template1', 'postgres.database.name'],
    ['postgres.database.owner', 'replicator', 'postgres.database.owner'],
    ['postgres.source', {}, 'postgres.source'],
    ['postgres.source', { in_place: true, tar: '/a' }, 'postgres.source'],
    ['postgres.source', { in_place: false }, 'postgres.source.in_place'],
    [
      'postgres.source',
      { clone: { address: '10.1.1.1', user: 'x', password: { file: 'missing.password' } } },
      'postgres.source.clone.password.file',
    ],
    ['postgres.clients', [], 'postgres.clients'],
    ['postgres.clients', ['10.77.0.1/24'], 'postgres.clients[0]'],
    ['postgres.clients', ['all'], 'postgres.clients[0]'],
    ['postgres.parameters', { pgdata: '/x' }, 'postgres.parameters.pgdata'],
    ['postgres.parameters', { monitor_password: 'x' }, 'postgres.parameters.monitor_password'],
    ['postgres.parameters', { nonsense: 'x' }, 'postgres.parameters.nonsense'],
    ['postgres.parameters', { stop_escalate: 'soon' }, 'postgres.parameters.stop_escalate'],
  ])('with %s = %j is told by its path', (path, value, told) => {
    expect(paths(having(path, value))).toContain(told);
  });

  it('with more synchronous standbys than standbys is told so', () => {
    const replication = { ...aFile.postgres.replication, mode: 'sync', synchronous_standbys: 2 };
    expect(paths(stringify({ ...aFile, postgres: { ...aFile.postgres, replication } }))).toEqual([
      'postgres.replication.synchronous_standbys',
    ]);
  });

  it('has all its problems told at once, each with what was expected', () => {
    const bad = {
      ...aFile,
      region: '',
      bogus: 1,
      vip: { address: '10.78.0.1', prefix: 24 },
      fencing: { ...aFile.fencing, password: { file: 'no' } },
    };
    expect(paths(stringify(bad))).toEqual(['region', 'bogus', 'vip.address', 'vip.address', 'fencing.password.file']);
    expect(problems(stringify(bad)).every((problem) => problem.expected !== '')).toBe(true);
  });

  it.each(['', '[]', 'x', 'a: [', 'a: 1\na: 2', '\t', 'a: &a [*a]', 'nodes: [1, 2]', '--- {}\n--- {}', '&a [*a, *b]'])(
    'that is %j is refused',
    (text) => {
      expect(problems(text)).not.toEqual([]);
    },
  );

  it.each([
    ['an unknown key by the key', 'region: dc1\ncolour: blue\n', 'colour', [2, 9]],
    ['a wrong value by the value', 'region: "two words"\n', 'region', [1, 9]],
    ['a wrong item of a list', 'nodes:\n  - { name: db1, address: 10.1 }\n', 'nodes[0].address', [2, 27]],
    ['a missing key by what it is missing in', 'region: dc1\nvip:\n  prefix: 24\n', 'vip.address', [3, 3]],
    ['a wrong mapping by its key', 'fencing:\n  hosts: {}\n  password: []\n', 'fencing.password', [3, 3]],
    ['a key with dots in it', 'fencing:\n  hosts: { a.example.com: x }\n', 'fencing.hosts.a.example.com', [2, 27]],
    ['no YAML', 'region: dc1\nvip: [\n', 'the file', [3, 1]],
  ])('shows the place of %s', (...[, text, path, [line, column]]) => {
    expect(problems(text).find((problem) => problem.path === path)?.at).toEqual({ line, column });
  });

  it.each([
    ['adress: 1\n', /no such key;/],
    ['regoin: dc1\n', /is region meant/],
    ['nodes:\n  - { name: db1, adress: 10.1.1.1 }\n', /is address meant/],
    ['postgres:\n  parameters: { stop_escalte: 3 }\n', /is stop_escalate meant/],
    ['accept: [CLOCK_APART]\n', /is CLOCKS_APART meant/],
    ['postgres:\n  parameters: { pgdata: /x }\n', /given by postgres.data/],
  ])('%j is asked what is meant', (text, question) => {
    expect(problems(text).map(({ expected }) => expected)).toContainEqual(expect.stringMatching(question));
  });

  it('never crashes the reader', () => {
    const text = stringify(aFile);
    fc.assert(
      fc.property(fc.nat(text.length), fc.string(), (at, noise) => void problems(text.slice(0, at) + noise)),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void problems(stringify(value))),
      { numRuns: 200 },
    );
  });

  it('with a password in the wrong place does not have it printed', () => {
    expect(JSON.stringify(problems(having('fencing.options', { password: 'geheim' })))).not.toContain('geheim');
    expect(JSON.stringify(problems(having('fencing.password', 'geheim')))).not.toContain('geheim');
  });
});
