// The cases of the reports, as data: numbered rightly, told once, some of each setup in the core.
import { describe, expect, it } from '@jest/globals';
import { faultsIn, missingIn, readCases } from '../../reports/all-cases.ts';
import type { Case } from '../../reports/case.ts';
import { numbers } from '../../reports/numbers.ts';
import { countsOf, tableText } from '../../reports/result.ts';

const about = { kind: 1, title: 'it holds', before: 'It broke.', core: true } as const;
const told = (number: number, title = 'it holds'): Case => ({
  ...about,
  ...{ number, title, setup: 'function', play: () => Promise.resolve('It holds.') },
});

describe('the files of the cases', () => {
  it('are right, and tell every report', async () => expect(missingIn(await readCases())).toEqual([]));

  it('may name no other report, and tell nothing twice', () => {
    const all = [
      { file: '07-slot.ts', told: told(7) },
      { file: '07-slot.ts', told: told(7) },
      { file: '08-slot.ts', told: told(7, 'another') },
      { file: '26-slot.ts', told: told(26) },
    ];
    expect(faultsIn(all)).toEqual([
      '07-slot.ts: there are two cases "it holds" of report 7',
      '08-slot.ts: a case of report 7 is in a file 07-….ts',
      '26-slot.ts: there is no report 26',
    ]);
  });

  it('leave the reports without a case to be seen', () => {
    expect(missingIn(numbers.map((number) => told(number)).slice(2))).toEqual([1, 2]);
  });
});

describe('the table', () => {
  const result = { number: 7, ...about, setup: 'function', now: 'It holds | it does.', seconds: 1 } as const;

  it('has a line for each case, in the order of the reports', () => {
    const later = { ...result, number: 8, good: false, now: 'no\nmore' };
    expect(
      tableText([later, { ...result, good: true }])
        .split('\n')
        .slice(2),
    ).toEqual([
      '| 07 | 1 | function | It broke. | It holds \\| it does. | ok |',
      '| 08 | 1 | function | It broke. | no | FAILED |',
    ]);
    expect(countsOf([later, { ...result, good: true }])).toEqual({ passed: 1, failed: 1 });
  });
});
