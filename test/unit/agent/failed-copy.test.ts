// A copy of the primary that fails the same way each time ends.
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../agent/run.ts';
import type { FailedCopy, Snapshot } from '../../../agent/snapshot.ts';
import { allWords } from '../../../lib/postgres/client-words.ts';
import { aCall, aNode, aSnapshot, PretendRegion } from './pretend-region.ts';

const twice: FailedCopy = { primary: 'db2', error: 'checksum error', words: 'block 7', count: 2, word: false };
const source = { bytes: 1e9, tablespaces: [], freeBytes: 1e10, obstacle: undefined };

async function start(failedCopy: FailedCopy | undefined, word?: string, rejoin = 'clone') {
  const nodes = {
    db1: aNode('db1', word === undefined ? {} : { rejoinWord: word }),
    db2: aNode('db2', {}, { role: 'Promoted' }),
  };
  const found: Partial<Snapshot> = {
    missing: 'empty',
    source,
    failedCopy,
    cluster: { nodes, quorate: true, fencing: true },
  };
  const region = new PretendRegion(aSnapshot(found));
  const { exit, because } = await run('start', aCall({ rejoin }), region);
  return { exit, because, story: region.story, region };
}

describe('the third copy', () => {
  it('is not begun after two equal failures', async () => {
    const { exit, because, story } = await start(twice);
    expect([exit, because]).toEqual([
      'generic',
      { code: 'COPY_FAILS', primary: 'db2', node: 'db1', count: 2, words: 'block 7' },
    ]);
    expect(story).not.toContain('copy primary');
  });

  it.each([
    ['after one failure', { ...twice, count: 1 }, undefined],
    ['of another primary', { ...twice, primary: 'db3' }, undefined],
    ['by the word of an administrator', twice, 'clone'],
    ['without any', undefined, undefined],
  ])('is begun %s', async (_, failed, word) => {
    expect((await start(failed, word)).story).toContain('copy primary');
  });

  it('is begun once for each word', async () => {
    const { exit, story, region } = await start({ ...twice, count: 3, word: true }, 'clone');
    expect([exit, story]).toEqual(['generic', ['delete rejoinWord of db1', 'end word']]);
    expect(region.now.failedCopy?.word).toBe(false);
    expect((await start(region.now.failedCopy)).story).toEqual([]);
    expect((await start(region.now.failedCopy, 'clone')).story).toContain('copy primary');
  });
});

it('the words of pg_basebackup are told without its progress', () => {
  const text = [
    '     0/125 kB (0%), 0/1 tablespace\r  125/125 kB (100%), 1/1 tablespace',
    'WARNING:  checksum verification failed in file "./base/5/16384", block 7: calculated 1A but expected 2B',
    'pg_basebackup: error: checksum error occurred',
    'pg_basebackup: removing contents of data directory "/x"',
  ].join('\n');
  expect(allWords(text)).toMatch(/^WARNING: .*block 7.*checksum error occurred$/);
});
