// Schedules that once broke a rule: what was found stays found.
import { expect, it } from '@jest/globals';
import { scheduleOf } from '../../simulation/schedule.ts';
import { simulate } from '../../simulation/simulate.ts';

it.each([29_424, 32_296, 33_187, 72_836, 73_246, 294_261])(
  'async, seed %i: a promotion between a cut and its detection is told to the other half, or does not begin',
  (seed) => expect(simulate(scheduleOf(seed, { mode: 'async' })).violation).toBeUndefined(),
);

it.each([
  ['a node whose record says that it is out is not promoted for the score it still has', 84_638],
  ['of two promotions at the same time one gives up', 20_096],
])('async: %s (seed %i)', (_, seed) => expect(simulate(scheduleOf(seed, { mode: 'async' })).violation).toBeUndefined());
