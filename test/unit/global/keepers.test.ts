import { describe, expect, it } from '@jest/globals';
import { whenEnough } from '../../../global/keepers.ts';

const never = new Promise<string>(() => undefined);
const later = (answer: string): Promise<string> => new Promise((resolve) => setImmediate(() => resolve(answer)));
const two = (answers: readonly (string | undefined)[]) => answers.filter((answer) => answer === 'yes').length >= 2;

describe('answers of the keepers', () => {
  it('that are enough are not made to wait for one who is gone', async () => {
    const answers = await whenEnough([later('yes'), never, later('yes'), never], two);
    expect(answers).toEqual(['yes', undefined, 'yes', undefined]);
  });
  it('that are not enough are waited for to the last', async () => {
    const answers = await whenEnough([later('yes'), Promise.resolve('no'), later('no')], two);
    expect(answers).toEqual(['yes', 'no', 'no']);
  });
  it('stay as they were when they were enough', async () => {
    const last = later('yes').then(() => later('no'));
    const answers = await whenEnough([later('yes'), later('yes'), last], two);
    await last;
    expect(answers).toEqual(['yes', 'yes', undefined]);
  });
  it('that end with an error are one', async () => {
    await expect(whenEnough([never, Promise.reject(new Error('torn'))], two)).rejects.toThrow('torn');
  });
});
