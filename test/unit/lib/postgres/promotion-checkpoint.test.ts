import { describe, expect, it } from '@jest/globals';
import type { Result } from '../../../../lib/host/exec.ts';
import { readRecorded, untilCheckpoint } from '../../../../lib/postgres/promotion-checkpoint.ts';

const said = (stdout: string, code = 0): Result => ({ code, stdout, stderr: code === 0 ? '' : 'ERROR:  no' });

/** A primary of timeline 6 that records it after so many questions, or when it is told to; and what it was asked. */
function primary({ after, may }: { after: number; may: boolean }) {
  const asked: string[] = [];
  let questions = 0;
  let recorded = 4;
  const run = (argv: readonly string[]): Promise<Result> => {
    const what = argv.at(-1) === 'checkpoint' ? 'checkpoint' : 'question';
    asked.push(what);
    if (what === 'checkpoint') {
      if (may) recorded = 6;
      return Promise.resolve(said('', may ? 0 : 1));
    }
    if (questions++ >= after) recorded = 6;
    return Promise.resolve(said(`6 ${recorded}\n`));
  };
  return { asked, run };
}

const within = (ms: number) => {
  let left = ms;
  return { psql: 'psql', left: () => left, pause: (by: number) => Promise.resolve(void (left -= by)) };
};

describe('a rewind, and the checkpoint after a promotion', () => {
  it('begins at once if the promotion is recorded', async () => {
    const { asked, run } = primary({ after: 0, may: true });
    await untilCheckpoint({ run }, within(60_000));
    expect(asked).toEqual(['question']);
  });

  it('asks for one if not', async () => {
    const { asked, run } = primary({ after: Infinity, may: true });
    await untilCheckpoint({ run }, within(60_000));
    expect(asked).toEqual(['question', 'checkpoint', 'question']);
  });

  it('waits for it where it may not ask', async () => {
    const { asked, run } = primary({ after: 5, may: false });
    await untilCheckpoint({ run }, within(60_000));
    expect(asked.filter((what) => what === 'question')).toHaveLength(6);
  });

  it('does not begin if none comes in time', async () => {
    const { run } = primary({ after: Infinity, may: false });
    await expect(untilCheckpoint({ run }, within(10_000))).rejects.toThrow('no checkpoint since its promotion');
  });
});

describe('the answer of the primary', () => {
  it.each([
    ['6 4', false],
    ['6 6', true],
    ['6 7\n', true],
  ])('%j', (text, recorded) => expect(readRecorded(said(text))).toBe(recorded));

  it.each(['', '6', '6 ', 'x y', '6 4 2', '\0'])('is not %j', (text) =>
    expect(() => readRecorded(said(text))).toThrow('did not say its timeline'),
  );

  it('is not an error either', () => expect(() => readRecorded(said('6 6', 1))).toThrow('did not say its timeline'));
});
