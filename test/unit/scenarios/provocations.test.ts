import { describe, expect, it } from '@jest/globals';
import { doubts, notes } from '../../../bootstrap/doubts.ts';
import { refusals } from '../../../bootstrap/texts.ts';
import { isSentence } from '../../scenarios/findings.ts';
import { ofDisks, provocations } from '../../scenarios/provocations.ts';

describe('what the preflight may find', () => {
  it('is provoked on the testbed, each once', () => {
    const provoked = [...provocations.flatMap(({ all }) => all.map(({ code }) => code)), ...ofDisks];
    expect(provoked.toSorted()).toEqual(Object.keys({ ...refusals, ...doubts, ...notes }).toSorted());
  });

  it.each([
    ['db1: it is 15.3 (beta)', 'db1: it is … (beta)', true],
    ['db1: it is 15.3', 'db1: it is …', true],
    ['db2: it is 15.3', 'db1: it is …', false],
    ['db1: it is 1543', 'db1: it is 15.3', false],
    ['db1: it is 15.3, and more', 'db1: it is 15.3', false],
  ])('and says, as "%s", is compared with "%s"', (says, expected, same) => {
    expect(isSentence(says, expected)).toBe(same);
  });
});
