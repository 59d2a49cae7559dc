import { type PathLike, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { archive, type ArchiveRequest } from '../../../wal/archive.ts';
import { realDisk } from '../../../wal/disk.ts';
import type { Outcome } from '../../../wal/outcome.ts';
import { failing, fault, first, place, remove, seen, segment, type Place } from './archive-of.ts';

let at: Place;
beforeEach(() => void (at = place()));
afterEach(() => remove(at));

const request = (name = first): ArchiveRequest => ({
  ...{ path: join(at.data, name), name, directory: at.directory, writer: 'db1.1' },
});
const put = (folder: string, name: string, content: Buffer | string) => writeFileSync(join(folder, name), content);
const archived = (name = first): Outcome => archive(request(name), realDisk);

describe('a file that is archived', () => {
  it('is there whole, and nothing beside it', () => {
    expect(archived()).toEqual({ code: 0 });
    expect(seen(at.directory)).toEqual(seen(at.data));
    expect(readdirSync(at.directory).sort()).toEqual([first, 'cfha-archive.json']);
  });

  it.each([
    ['a timeline’s history', '00000002.history', '1\t0/3000000\tno recovery target specified\n'],
    ['a base backup', `${first}.00000028.backup`, 'START WAL LOCATION: 0/1000028\n'],
    ['the last segment of a timeline', `${first}.partial`, segment('p')],
  ])('may be %s', (_, name, content) => {
    put(at.data, name, content);
    expect(archived(name)).toEqual({ code: 0 });
    expect(readFileSync(join(at.directory, name)).equals(Buffer.from(content))).toBe(true);
  });

  it('may be there already, if it is the same', () => {
    archived();
    expect(archived()).toEqual({ code: 0 });
  });
});

describe('what is refused, with one line', () => {
  const says = (outcome: Outcome, words: RegExp) => {
    expect(outcome.code).toBe(1);
    expect(outcome.says).toMatch(words);
    expect(outcome.says).not.toContain('\n');
  };

  it('another content under the name: it says from where on, and overwrites nothing', () => {
    const theirs = segment('a');
    theirs[5000] = 1;
    put(at.directory, first, theirs);
    says(archived(), /is there already and differs from 0\/101388 on/);
    expect(readFileSync(join(at.directory, first)).equals(theirs)).toBe(true);
  });

  it('a half copy of another program', () => {
    put(at.directory, first, segment('a').subarray(0, 4096));
    says(archived(), /holds only the first 4096 of its 1048576 bytes: a copy that broke off/);
  });

  it('the history of another promotion to the same timeline', () => {
    put(at.data, '00000002.history', '1\t0/3000000\there\n');
    put(at.directory, '00000002.history', '1\t0/4000000\tthere\n');
    says(archived('00000002.history'), /differs from byte 4 on \(18 bytes there, 17 here\)/);
  });

  it.each([
    ['another cluster’s WAL', segment('a', { system: '42' }), /is the archive of system 73.*WAL of system 42/],
    ['half a segment', segment('a').subarray(0, 8192), /has 8192 bytes, and not the 1048576/],
    ['garbage', Buffer.alloc(1 << 20, 'garbage'), /does not begin as a WAL segment does/],
    ['nothing', Buffer.alloc(0), /does not begin as a WAL segment does/],
  ])('%s', (_, content, words) => {
    put(at.data, first, content);
    says(archived(), words);
    expect(seen(at.directory)).toEqual({});
  });

  it.each(['passwd', '../../etc/passwd', '00000000.history', '00000001000000000000000a', `${first}.ready`, ''])(
    'the name "%s"',
    (name) => says(archive({ ...request(), name }, realDisk), /is not the name of a WAL file/),
  );

  it('a directory without its mark, as a mount point without its file system', () => {
    rmSync(join(at.directory, 'cfha-archive.json'));
    says(archived(), /is no archive.*is it mounted\?/);
    rmSync(at.directory, { recursive: true });
    says(archived(), /does not exist \(is it mounted\?\)/);
  });

  it('a damaged mark', () => {
    put(at.directory, 'cfha-archive.json', '{"systemId": 7}');
    says(archived(), /is damaged/);
  });

  it('a file that is not there', () => says(archived('000000010000000000000009'), /ENOENT.*000000010000000000000009/));

  it('a directory under the name', () => {
    mkdirSync(join(at.directory, first));
    says(archived(), /EISDIR/);
  });
});

const callsOfAll = (() => {
  const here = (at = place());
  const { disk, calls } = failing(Infinity, 'killed');
  archive(request(), disk);
  remove(here);
  return Array.from({ length: calls() }, (_, n) => n);
})();

describe.each(callsOfAll)('with the file system’s call %i', (n) => {
  it('never made, since the process was killed: nothing half, and the next call ends it', () => {
    const whole = seen(at.data);
    archive(request(), failing(n, 'killed').disk);
    for (const [name, hash] of Object.entries(seen(at.directory))) expect([name, hash]).toEqual([first, whole[first]]);
    expect(archive({ ...request(), writer: 'db1.2' }, realDisk)).toEqual({ code: 0 });
    expect(seen(at.directory)).toEqual(whole);
  });

  it.each(['ENOSPC', 'ESTALE', 'EIO'])('failing with %s: a line, and the next call ends it', (code) => {
    const outcome = archive(request(), failing(n, fault(code)).disk);
    // To tidy up may fail, if the file is where it belongs.
    if (outcome.code === 0) expect(seen(at.directory)).toEqual(seen(at.data));
    else expect(outcome.says).toContain(code);
    for (const [name, hash] of Object.entries(seen(at.directory))) expect(hash).toBe(seen(at.data)[name]);
    expect(archive({ ...request(), writer: 'db1.2' }, realDisk)).toEqual({ code: 0 });
  });
});

it('a file system without hard links is refused: without them a file could be overwritten', () => {
  const disk = { ...realDisk, linkSync: () => { throw fault('EPERM'); } }; // prettier-ignore
  expect(archive(request(), disk).says).toMatch(/makes no hard links \(EPERM\)/);
  expect(readdirSync(at.directory)).toEqual(['cfha-archive.json']);
});

describe('of two writers at the same time', () => {
  /** The other one is done when we give our file its name. */
  const late = (theirs: Buffer) => ({
    ...realDisk,
    linkSync: (from: PathLike, to: PathLike) => {
      writeFileSync(to, theirs);
      realDisk.linkSync(from, to);
    },
  });

  it('with the same, both succeed', () => expect(archive(request(), late(segment('a')))).toEqual({ code: 0 }));

  it('with another, the second one fails and the first one’s stays', () => {
    expect(archive(request(), late(segment('b')))).toMatchObject({ code: 1, says: expect.stringContaining('differs') });
    expect(readFileSync(join(at.directory, first)).equals(segment('b'))).toBe(true);
  });
});
