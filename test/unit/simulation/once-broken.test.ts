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

it.each([
  ['sync', 'a promotion that only the data tell of is recorded when they are started', 48_926],
  ['async', 'a promotion does not begin when the quorum is lost that it was ordered with', 839_907],
  ['async', 'nor when the controller that ordered it has left', 929_295],
  ['async', 'what was thought out in a partition that is no more is not ordered', 833_204],
])('%s: %s (seed %i)', (_, __, seed) => expect(simulate(scheduleOf(seed)).violation).toBeUndefined());
