// An archive on a file system that makes no hard links: nothing is archived in a way that could overwrite another file.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '../../scenarios/waiting.ts';
import { first, place, remove } from '../../unit/wal/archive-of.ts';
import { archive } from '../../../wal/archive.ts';
import { realDisk } from '../../../wal/disk.ts';
import type { FunctionCase } from '../case.ts';

const refused = (code: string): FunctionCase => ({
  number: 36,
  kind: 4,
  setup: 'function',
  title: `the archive’s file system answers ${code} to a hard link: the segment is refused with that reason`,
  before: 'This was handled: the archive refused with a message.',
  core: true,
  play: () => {
    const at = place();
    const linkSync = (): void => {
      throw Object.assign(new Error(code), { code });
    };
    try {
      const request = { path: join(at.data, first), name: first, directory: at.directory, writer: 'db1.1' };
      const { code: exit, says = '' } = archive(request, { ...realDisk, linkSync });
      expect(exit === 1 && says.includes('makes no hard links'), `exit code ${exit}: ${says}`);
      expect(!readdirSync(at.directory).includes(first), 'a segment is in the archive');
      return Promise.resolve(`Exit code 1: ${says}.`);
    } finally {
      remove(at);
    }
  },
});

export const cases: readonly FunctionCase[] = [refused('EPERM'), refused('EOPNOTSUPP')];
