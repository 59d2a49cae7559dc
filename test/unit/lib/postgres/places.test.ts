import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesOf, putInPlace } from '../../../../lib/postgres/places.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'cfha-places-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** A data directory with a whole copy beside it. */
function made(name: string): string {
  const data = join(folder, name);
  for (const [path, text] of [[data, 'old'], [`${data}.cfpgsql-new`, 'new']] as const) {
    mkdirSync(path);
    writeFileSync(join(path, text), '');
  }
  return data;
} // prettier-ignore

describe('a copy', () => {
  it.each(['whole', 'killed'])('takes the place of data that a link names (%s)', (how) => {
    const data = made(`data-${how}`);
    const link = join(folder, `link-${how}`);
    symlinkSync(`data-${how}`, link);
    expect(placesOf(link)).toEqual(placesOf(data));
    // Killed between its two renames: the link leads nowhere, and is followed all the same.
    if (how === 'killed') renameSync(data, placesOf(link).old);
    putInPlace(placesOf(link));
    expect([readdirSync(link), readdirSync(placesOf(link).old)]).toEqual([['new'], ['old']]);
  });
  it('has its places beside a directory that is not there', () => {
    expect(placesOf(join(folder, 'none')).data).toBe(join(folder, 'none'));
  });
});
