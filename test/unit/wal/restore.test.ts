import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { realDisk } from '../../../wal/disk.ts';
import { restore, type RestoreRequest } from '../../../wal/restore.ts';
import { failing, fault, first, place, remove, segment, type Place } from './archive-of.ts';

let at: Place;
beforeEach(() => {
  at = place();
  writeFileSync(join(at.directory, first), whole);
  rmSync(join(at.data, first));
});
afterEach(() => remove(at));

const request = (standby: boolean, name = first): RestoreRequest => ({
  ...{ name, path: join(at.data, 'RECOVERYXLOG'), directory: at.directory, standby },
});
const target = () => readFileSync(join(at.data, 'RECOVERYXLOG'));
const whole = segment('a');
const isWhole = () => expect(target().equals(whole)).toBe(true);

it('a file is there, whole, and nothing beside it', () => {
  expect(restore(request(true), realDisk)).toEqual({ code: 0 });
  isWhole();
  expect(readdirSync(at.data)).toEqual(['RECOVERYXLOG']);
});

it('a history file, too', () => {
  writeFileSync(join(at.directory, '00000002.history'), 'history');
  expect(restore(request(false, '00000002.history'), realDisk)).toEqual({ code: 0 });
  expect(String(target())).toBe('history');
});

it('what the archive does not have is the end of it, without a word', () => {
  for (const standby of [true, false])
    expect(restore(request(standby, '000000010000000000000002'), realDisk)).toEqual({ code: 1 });
  expect(readdirSync(at.data)).toEqual([]);
});

describe.each([
  ['a standby goes on, and asks again', true, 1],
  ['a recovery stops', false, 255],
])('%s', (_, standby, code) => {
  const refused = (words: RegExp) => {
    const outcome = restore(request(standby), realDisk);
    expect(outcome.code).toBe(code);
    expect(outcome.says).toMatch(words);
    expect(readdirSync(at.data)).toEqual([]);
  };

  it('if the archive is not mounted: that is not the end of it', () => {
    rmSync(join(at.directory, 'cfha-archive.json'));
    rmSync(join(at.directory, first));
    refused(/is it mounted/);
    rmSync(at.directory, { recursive: true });
    refused(/does not exist/);
  });

  it('if the file is too short, too long, garbage, or another cluster’s', () => {
    writeFileSync(join(at.directory, first), segment('a').subarray(0, 65536));
    refused(/has 65536 bytes, and not the 1048576/);
    writeFileSync(join(at.directory, first), Buffer.concat([segment('a'), Buffer.from('x')]));
    refused(/has 1048577 bytes/);
    writeFileSync(join(at.directory, first), Buffer.alloc(1 << 20));
    refused(/is no WAL segment/);
    writeFileSync(join(at.directory, first), '');
    refused(/is no WAL segment \(0 bytes\)/);
    writeFileSync(join(at.directory, first), segment('a', { system: '5' }));
    refused(/is WAL of system 5/);
  });

  it('if the name is none', () => {
    expect(restore(request(standby, '../postgresql.conf'), realDisk)).toMatchObject({ code });
  });
});

const callsOfAll = (() => {
  at = place();
  writeFileSync(join(at.directory, first), segment('a'));
  const { disk, calls } = failing(Infinity, 'killed');
  restore(request(true), disk);
  remove(at);
  return Array.from({ length: calls() }, (_, n) => n);
})();

describe.each(callsOfAll)('with the file system’s call %i', (n) => {
  it.each(['killed', 'ENOSPC', 'ESTALE', 'EIO'])(
    '%s: no half file under the name, and the next call ends it',
    (how) => {
      const outcome = restore(request(false), failing(n, how === 'killed' ? 'killed' : fault(how)).disk);
      if (readdirSync(at.data).includes('RECOVERYXLOG')) isWhole();
      // Only the whole answers 0, and only a missing file answers 1.
      if (how !== 'killed') expect(outcome).toMatchObject({ code: 255, says: expect.stringContaining(how) });
      expect(restore(request(false), realDisk)).toEqual({ code: 0 });
      isWhole();
      expect(readdirSync(at.data)).toEqual(['RECOVERYXLOG']);
    },
  );
});
