// Schedules that once broke a rule: what was found stays found.
import { expect, it } from '@jest/globals';
import { scheduleOf } from '../../simulation/schedule.ts';
import { simulate } from '../../simulation/simulate.ts';

it.each([29_424, 32_296, 33_187, 72_836, 73_246, 294_261])(
  'async, seed %i: a promotion between a cut and its detection is told to the other half, or does not begin',
  (seed) => expect(simulate(scheduleOf(seed, { mode: 'async' })).violation).toBeUndefined(),
);
