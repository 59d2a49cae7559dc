import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readConfigFiles, readServerOptions, UnreadableSettings, type Disk } from '../../../../lib/postgres/config-files.ts'; // prettier-ignore
import { readConfigText } from '../../../../lib/postgres/config-text.ts';
import { limitNames, readInteger, recordedLimits } from '../../../../lib/postgres/limits.ts';

const value = (text: string) => readConfigText(text)[0]?.value;

describe('a line of a configuration file', () => {
  it.each([
    ["a = 'b'", 'b'],
    ['a b', 'b'],
    ['a=b', 'b'],
    ["a'b'", 'b'],
    ["  A.b\t=\t'it''s' # why", "it's"],
    ["a = '\\'\\\\\\n\\101'", "'\\\nA"],
    ['a = 1GB # comment', '1GB'],
    ['a = b\r', 'b'],
    ["a = ''", ''],
    ['# a = b', undefined],
    ['a =', undefined],
    ['a', undefined],
    ["a = 'b", undefined],
    ["a = b c", undefined],
    ['1a = b', undefined],
  ])('%j has the value %j', (...[line, read]) => expect(value(line)).toBe(read)); // prettier-ignore

  it('has a number and a name without cases', () =>
    expect(readConfigText("\n\nRecovery_Target = 'immediate'\n")).toEqual([
      { name: 'recovery_target', value: 'immediate', line: 3 },
    ]));

  it('is read in a time that grows with its length alone, whatever it holds', () => {
    const long = [' ', '=', "'", 'a', '\\', '#', 'a ', "''", 'a='].map((part) => `a${part.repeat(100_000)}!`);
    const begun = performance.now();
    for (const line of long) readConfigText(line);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});

/** Files by their paths. */
function disk(files: Readonly<Record<string, string>>): Disk {
  return {
    read: (file) => (files[file] === undefined ? { missing: true } : { text: files[file] }),
    list: (directory) =>
      Object.keys(files).flatMap((file) => (file.startsWith(`${directory}/`) ? [file.slice(directory.length + 1)] : [])),
  };
} // prettier-ignore

const read = (files: Readonly<Record<string, string>>) => readConfigFiles('/etc/pg/main.conf', '/data', disk(files));

describe('the files of a server', () => {
  it.each([
    ['the last line of a name counts', { '/etc/pg/main.conf': 'a = 1\na = 2' }, '2', '/etc/pg/main.conf', 2],
    ['postgresql.auto.conf outranks it', { '/etc/pg/main.conf': 'a = 1', '/data/postgresql.auto.conf': '#\na = 2' }, '2', '/data/postgresql.auto.conf', 2],
    ['what is included counts where it is included', { '/etc/pg/main.conf': "a = 1\ninclude 'x'\na = 3", '/etc/pg/x': 'a = 2' }, '3', '/etc/pg/main.conf', 3],
    ['a path is relative to the file that includes', { '/etc/pg/main.conf': "include '/x/y.conf'", '/x/y.conf': 'include z', '/x/z': 'a = 4' }, '4', '/x/z', 1],
    ['a directory is read in the order of its names', { '/etc/pg/main.conf': "include_dir = 'd'", '/etc/pg/d/2.conf': 'a = 2', '/etc/pg/d/1.conf': 'a = 1', '/etc/pg/d/3.conf~': 'a = 3', '/etc/pg/d/.4.conf': 'a = 4' }, '2', '/etc/pg/d/2.conf', 1],
    ['what need not exist need not', { '/etc/pg/main.conf': "a = 1\ninclude_if_exists 'no'" }, '1', '/etc/pg/main.conf', 1],
  ])('%s', (...[, files, wanted, file, line]) => {
    expect(read(files as unknown as Record<string, string>)['a']).toEqual({ value: wanted, file, line });
  }); // prettier-ignore

  it.each([
    ['itself', { '/etc/pg/main.conf': "include 'main.conf'" }],
    ['itself twice', { '/etc/pg/main.conf': "include 'main.conf'\ninclude 'main.conf'" }],
    ['a thousand files', { '/etc/pg/main.conf': "include 'b'\n".repeat(1001), '/etc/pg/b': '' }],
  ])('a file that includes %s is not read to its end', (...[, files]) => {
    expect(() => read(files as unknown as Record<string, string>)).toThrow(UnreadableSettings);
  });

  it('that is no file is not read around', () => {
    const pipe: Disk = { read: () => ({ problem: 'is no regular file' }), list: () => [] };
    expect(() => readConfigFiles('/c', '/data', pipe)).toThrow('/c is no regular file');
  });

  it('of any content are read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(typeof read({ '/etc/pg/main.conf': text })).toBe('object');
      }),
    );
  });
});

describe('the options of a server', () => {
  it.each([
    ['-c a=b', { a: 'b' }],
    ['-ca=b --c-d=e -c a=f', { a: 'f', c_d: 'e' }],
    ['-c \'a=b c\' -c "d=\\$e" -c f=g\\ h', { a: 'b c', d: '$e', f: 'g h' }],
    ['-p 5433 -N20 -i -h x', { port: '5433', max_connections: '20' }],
    ['-c', {}],
  ])('%s', (...[options, wanted]) => {
    const found = readServerOptions(options, 'start_opt');
    expect(Object.fromEntries(Object.entries(found).map(([name, source]) => [name, source.value]))).toEqual(wanted);
  });
});

describe('the limits of a primary', () => {
  const lines = [
    'max_connections setting:              300',
    'max_worker_processes setting:         8',
    'max_wal_senders setting:              10',
    'max_prepared_xacts setting:           0',
    'max_locks_per_xact setting:           64',
  ];
  const printed = (text: string) => ({ code: 0, stdout: text, stderr: '' });

  it('are those of its control file', () => {
    expect(recordedLimits(printed(lines.join('\n')))).toEqual({
      max_connections: 300,
      max_worker_processes: 8,
      max_wal_senders: 10,
      max_prepared_transactions: 0,
      max_locks_per_transaction: 64,
    });
  });

  it('are known all or not', () => {
    for (const left of limitNames.keys())
      expect(() => recordedLimits(printed(lines.filter((_, n) => n !== left).join('\n')))).toThrow('pg_controldata');
  });

  it.each([
    ['100', 100],
    ['0x64', 100],
    ['0144', 100],
    ['0', 0],
    ['1e2', undefined],
    ['many', undefined],
  ])('%s is %p', (...[text, wanted]) =>
    // prettier-ignore
    expect(readInteger(text)).toBe(wanted),
  );
});
