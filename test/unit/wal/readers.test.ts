import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readWalHeader } from '../../../lib/postgres/wal-header.ts';
import { readWalName, segmentNumber } from '../../../lib/postgres/wal-names.ts';
import { list } from '../../../wal/listing.ts';
import { readFileCall } from '../../../wal/call.ts';
import { readServer } from '../../../wal/needs.ts';
import { readNotes, removeNote, writeNote } from '../../../wal/notes.ts';
import { defaults, readSettings } from '../../../wal/settings.ts';
import { initArchive, removeFiles } from '../../../wal/task.ts';
import { first, place, remove, segment, systemId, type Place } from './archive-of.ts';

let at: Place;
beforeEach(() => void (at = place()));
afterEach(() => remove(at));

describe('the command line', () => {
  it.each([
    [['wal', 'archive', 'pg_wal/X', 'X'], { action: 'archive', arguments: ['pg_wal/X', 'X'], directory: undefined }],
    [['wal', 'restore', 'X', 'p', '--directory', '/a'], { action: 'restore', arguments: ['X', 'p'], directory: '/a' }],
    [['wal', 'archive', '--directory=/a', 'p', 'X'], { action: 'archive', arguments: ['p', 'X'], directory: '/a' }],
  ])('%j is PostgreSQL’s', (argv, call) => expect(readFileCall(argv)).toEqual(call));

  it.each([
    [['wal', 'archive', 'one']],
    [['wal', 'archive', 'a', 'b', 'c']],
    [['wal', 'archive', 'a', 'b', '--help']],
    [['wal', 'archive', 'a', 'b', '--directory']],
    [['wal', 'prune']],
    [['status']],
    [[]],
  ])('%j is cfha’s to explain', (argv) => expect(readFileCall(argv)).toBeUndefined());
});

describe('wal.conf', () => {
  it('has defaults', () => {
    expect(readSettings('')).toEqual(defaults);
    expect(readSettings('# a comment\n\ndirectory = /srv/wal # here\nkeepDays=14\n')).toMatchObject({ directory: '/srv/wal', keepDays: 14 }); // prettier-ignore
  });

  it.each([
    'keepdays = 3',
    'keepDays = 0',
    'keepDays = 1.5',
    'directory = wal',
    'nonsense',
    '__proto__ = 1',
    'user = a b',
  ])('"%s" is refused with its line', (line) =>
    expect(() => readSettings(`user = postgres\n${line}\n`)).toThrow(/line 2/),
  );
});

describe('names and headers', () => {
  it('are read, or are none', () => {
    expect(readWalName('00000002.history')).toEqual({ kind: 'history', timeline: 2 });
    expect(readWalName(`${first}.00000028.backup`)).toMatchObject({ kind: 'backup', timeline: 1 });
    for (const name of ['', 'x', '00000000.history', `${first}.partial.partial`, `${first}.backup`, `${first}\n`])
      expect(readWalName(name)).toBeUndefined();
    expect(segmentNumber('0000000100000000', 1 << 24)).toBe(256n);
  });

  it('garbage has no header, and never throws', () => {
    expect(readWalHeader(segment('a'))).toMatchObject({
      systemId,
      segmentBytes: 1 << 20,
      address: 0x100000n,
      timeline: 1,
    });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void readWalHeader(Buffer.from(bytes))));
  });
});

const row = {
  ...{ in_recovery: false, system_id: '7', timeline: 1, segment_bytes: 1 << 24, restart: '0/3000028', backups: 0 },
  ...{ standbys: '[["db2", "0/4000000"], ["db3", null]]', slots: '[]', waiting: 2, failing: null },
};

it('the server’s answer is read, and what cannot be read is never nothing', () => {
  expect(readServer(row).standbys).toEqual([{ who: 'db2', from: 0x4000000n }, { who: 'db3', from: undefined }]); // prettier-ignore
  for (const broken of [
    { standbys: '[["db2", "somewhere"]]' },
    { slots: '[[1, "0/1"]]' },
    { restart: '' },
    { timeline: null },
  ])
    expect(() => readServer({ ...row, ...broken })).toThrow(/answered/);
  expect(() => readServer(undefined)).toThrow('no row');
});

it('a standby’s note is read again; a damaged one is no note; the primary removes its own', () => {
  const note = { node: 'db2', from: 0x5000028n, at: Date.parse('2026-11-25T12:00:00Z') };
  writeNote(at.directory, note);
  writeFileSync(join(at.directory, 'cfha-standby.db3.json'), '{"from": "0/1"');
  expect(readNotes(at.directory)).toEqual([note]);
  removeNote(at.directory, 'db2');
  removeNote(at.directory, 'db2');
  expect(readNotes(at.directory)).toEqual([]);
});

it('an archive is listed by place; what is not ours is not listed, and not removed', () => {
  const names = [
    '00000002.history',
    `${first}.partial`,
    '000000020000000000000003',
    `.${first}.db1.7.cfha-new`,
    'lost+found',
    'README',
  ];
  names.forEach((name) => writeFileSync(join(at.directory, name), 'x'));
  mkdirSync(join(at.directory, '000000010000000000000002'));
  const { files, parts } = list(at.directory);
  expect(files.map(({ name }) => name)).toEqual(['00000002.history', `${first}.partial`, '000000020000000000000003']);
  expect(parts).toHaveLength(1);
  removeFiles(at.directory, [...files, ...files], [parts[0]?.name ?? '']);
  expect(readdirSync(at.directory).sort()).toEqual([
    '000000010000000000000002',
    'README',
    'cfha-archive.json',
    'lost+found',
  ]);
});

describe('cfha wal init', () => {
  const control = (folder: string, id: bigint) => {
    mkdirSync(join(at.data, folder, 'global'), { recursive: true });
    const bytes = Buffer.alloc(8192);
    bytes.writeBigUInt64LE(id);
    writeFileSync(join(at.data, folder, 'global/pg_control'), bytes);
    return join(at.data, folder);
  };

  it('marks a directory once, and finds its mark again', () => {
    const directory = join(at.root, 'new/archive');
    const { mark, made } = initArchive(directory, control('one', 7n));
    expect([mark.systemId, made]).toEqual(['7', true]);
    expect(initArchive(directory, join(at.data, 'one'))).toEqual({ mark, made: false });
  });

  it('refuses another system’s archive, and data without a control file', () => {
    expect(() => initArchive(at.directory, control('other', 8n))).toThrow(/is the archive of system 73/);
    expect(() => initArchive(join(at.root, 'x'), control('empty', 0n))).toThrow('is not a control file');
    expect(() => initArchive(join(at.root, 'x'), '/nowhere')).toThrow(/ENOENT/);
  });
});
