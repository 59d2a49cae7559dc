import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readBounded } from '../../../../lib/host/bounded.ts';
import { readText } from '../../../../lib/host/disk.ts';

describe('a file that others can write', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cfha-bounded-'));
    writeFileSync(join(folder, 'file'), 'ten bytes.');
    symlinkSync(join(folder, 'file'), join(folder, 'link'));
    symlinkSync('/dev/zero', join(folder, 'zero'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['file', 10, { text: 'ten bytes.' }],
    ['link', 100, { text: 'ten bytes.' }],
    ['file', 9, { problem: 'is larger than 9 bytes' }],
    ['missing', 100, { missing: true }],
    ['pipe', 100, { problem: 'is no regular file' }],
    ['zero', 100, { problem: 'is no regular file' }],
    ['.', 100, { problem: 'is no regular file' }],
  ])('%s, of at most %d bytes', (...[name, limit, read]) => {
    expect(readBounded(join(folder, name), limit)).toEqual(read);
  });
});

describe('the text of a file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cfha-text-'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    writeFileSync(join(folder, 'sparse'), '');
    truncateSync(join(folder, 'sparse'), 2 ** 31);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is not waited for where it is a pipe, and not read where it does not end', () => {
    const none = [join(folder, 'pipe'), join(folder, 'sparse'), '/dev/zero', folder].map(readText);
    expect(none).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('is read where its size is not told, as in /proc', () => expect(readText('/proc/self/status')).toContain('Pid:'));
});
