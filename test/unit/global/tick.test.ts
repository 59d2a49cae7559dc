import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Facts } from '../../../global/rules/facts.ts';
import { patienceMs } from '../../../global/local.ts';
import { isCounted, nextLookMs } from '../../../global/rules/rhythm.ts';
import { situationOf, table, tick, type Situation } from '../../../global/rules/tick.ts';
import { leaseMsOf, usableMs } from '../../../global/rules/votes.ts';
import { allSay, aPrimary, aStandby, silent } from './pretend-sites.ts';

const free = { epoch: 1, holder: 'first', waitMs: 0 } as const;
const down: Facts = { ...aStandby, other: silent, streams: false, mine: { ...aStandby.mine, failures: 1 }, views: allSay(free) }; // prettier-ignore
const steps = (facts: Facts) => tick(facts).steps.map((step) => step.do);

/** One example of each situation, and what is done. */
const examples: Readonly<Record<Situation, readonly [Facts, readonly string[]]>> = {
  'no gate': [{ ...aPrimary, gate: 'absent' }, ['make gate']],
  'at rest': [{ ...aPrimary, server: 'stopped' }, ['close gate', 'end sessions']],
  'silent server': [{ ...aPrimary, server: 'hung' }, []],
  superseded: [
    { ...aPrimary, other: { ...aStandby.other, timeline: 2 } as Facts['other'] },
    ['close gate', 'end sessions', 'stop server', 'start at boot'],
  ],
  'first epoch': [
    {
      ...aPrimary,
      mine: { ...aPrimary.mine, epoch: 0, begun: 0 },
      views: allSay({ epoch: 0, holder: undefined, waitMs: 0 }),
    },
    ['remember', 'take', 'remember', 'hold'],
  ],
  'epoch given': [{ ...aPrimary, mine: { ...aPrimary.mine, epoch: 0 } }, ['remember', 'hold']],
  primary: [aPrimary, ['hold']],
  'primary without witnesses': [{ ...aPrimary, views: undefined, gate: 'closed' }, ['open gate']],
  chosen: [
    { ...down, mine: { ...down.mine, begun: 2 }, views: allSay({ epoch: 2, holder: 'second', waitMs: 0 }) },
    ['remember', 'promote', 'remember', 'hold'],
  ],
  standby: [{ ...aStandby, mine: { ...aStandby.mine, failures: 1 } }, ['remember']],
  'other is a standby': [{ ...aStandby, other: aPrimary.other }, []],
  failure: [{ ...down, mine: { ...down.mine, failures: 0 } }, ['remember']],
  'limit reached': [{ ...down, views: undefined }, ['remember', 'promote', 'remember', 'open gate']],
  'not entitled': [{ ...down, mine: { ...down.mine, followed: 0 } }, []],
  'waiting for votes': [{ ...down, views: allSay({ ...free, waitMs: 5000 }) }, ['remember']],
  promotion: [down, ['remember', 'take', 'remember', 'promote', 'remember', 'hold']],
};

describe('each situation', () => {
  it.each(Object.entries(examples))('%s', (situation, [facts, expected]) => {
    expect(situationOf(facts)).toBe(situation);
    expect(steps(facts)).toEqual(expected);
  });
  it('has a rule', () => expect(Object.keys(table).toSorted()).toEqual(Object.keys(examples).toSorted()));
});

describe('the words of the reference', () => {
  it.each([
    [examples.failure[0], ['db1 is down: connect ETIMEDOUT', 'Current failure count 1 less than threshold 2, waiting']],
    [down, ['db1 is down: connect ETIMEDOUT', '2 failures reached, promoting myself to primary']],
    [aPrimary, ["I'm already the primary, nothing to do."]],
    [aStandby, ['Primary db1 is up, nothing to do.']],
    [examples.standby[0], ['Resetting failure count to 0']],
  ])('%#', (facts, words) => expect(tick(facts).says.map(([, text]) => text)).toEqual(words));
});

describe('nothing is promoted', () => {
  const promotes = (facts: Facts) => steps(facts).includes('promote');
  it('on the first site', () => expect(promotes({ ...down, site: 'first' })).toBe(false));
  it('without a majority of the witnesses', () =>
    expect(promotes({ ...down, views: { own: free, other: undefined, witnesses: [free, undefined, undefined] } })).toBe(
      false,
    ));
  it('while its own keeper has lent to the other for longer', () =>
    expect(promotes({ ...down, views: { ...allSay(free), own: { ...free, waitMs: 2000 } } })).toBe(false));
  it('before the rest of a loan has been waited for', () => {
    const { steps: all } = tick({ ...down, views: { ...allSay(free), own: { ...free, waitMs: 400 } } });
    expect(all[0]).toEqual({ do: 'wait', ms: 440 });
    expect(all.map((step) => step.do)).toEqual(['wait', ...examples.promotion[1]]);
  });
  it('if its own keeper does not answer', () =>
    expect(promotes({ ...down, views: { ...allSay(free), own: undefined } })).toBe(false));
  it('if it has not followed the last epoch', () =>
    expect(promotes({ ...down, views: allSay({ epoch: 3, holder: 'first', waitMs: 0 }) })).toBe(false));
});

describe('the gate', () => {
  const view = fc.option(
    fc.record({ epoch: fc.nat(4), holder: fc.constantFrom('first', 'second', undefined), waitMs: fc.nat(3000) }),
    { nil: undefined },
  );
  const facts: fc.Arbitrary<Facts> = fc
    .record({
      site: fc.constantFrom('first', 'second'),
      server: fc.constantFrom('stopped', 'starting', 'standby', 'primary', 'hung'),
      views: fc.option(
        fc.record({ own: view, other: view, witnesses: fc.array(view, { minLength: 3, maxLength: 3 }) }),
        { nil: undefined },
      ),
      gate: fc.constantFrom('open', 'closed', 'absent'),
      other: fc.constantFrom(aStandby.other, aPrimary.other, silent),
      mine: fc.record({ epoch: fc.nat(4), begun: fc.nat(4), followed: fc.nat(4), failures: fc.nat(4) }),
    })
    .map((some) => ({ ...aStandby, ...some }));
  it('is never opened for good with witnesses, nor without a server that is, or is made, the primary', () => {
    fc.assert(
      fc.property(facts, (some) => {
        const done = steps(some);
        if (some.views !== undefined && done.includes('open gate')) return false;
        const opens = done.includes('open gate') || done.includes('hold');
        return !opens || some.server === 'primary' || done.includes('promote');
      }),
    );
  });
});

it('a primary goes on with the epoch that it has asked for and was given, whatever it had before', () => {
  const own = allSay({ epoch: 7, holder: 'first', waitMs: 0 });
  const primary: Facts = { ...aPrimary, mine: { epoch: 6, begun: 7, followed: 5, failures: 0 }, views: own };
  expect(situationOf(primary)).toBe('epoch given');
  expect(situationOf({ ...primary, views: { ...own, own: undefined } })).toBe('primary');
  expect(situationOf({ ...primary, mine: { ...primary.mine, begun: 6 } })).toBe('primary');
});

describe('the next look', () => {
  const slow = { interval: 60, failures: 2 };
  const usable = usableMs(leaseMsOf(slow));
  const after = (facts: Facts) => ({ facts, steps: tick(facts).steps });
  const promoting = after({ ...aStandby, other: silent, mine: { ...aStandby.mine, failures: 1 }, views: allSay({ epoch: 1, holder: 'first', waitMs: 0 }) }); // prettier-ignore
  const pause = (last: ReturnType<typeof after> | undefined, failover = slow, guarded = true) =>
    nextLookMs(failover, last, { beganMs: 5000, countedMs: 5000, guarded }) - 5000;
  it.each([
    ['of a primary', after(aPrimary)],
    ['of one that did not answer', after({ ...aPrimary, server: 'hung' })],
    ['of one that recovers', after({ ...aPrimary, server: 'starting' })],
    ['of one that is restarted', after({ ...aPrimary, server: 'stopped' })],
    ['of who has just been promoted', promoting],
    ['of who could not look, and may be one', undefined],
  ])('%s comes before its loan has ended, twice', (_, last) => expect(pause(last)).toBeLessThan(usable / 2));
  it('is every interval for the others', () => {
    expect(promoting.steps.some((step) => step.do === 'promote')).toBe(true);
    expect(pause(after(aStandby))).toBe(60_000);
    expect(pause(after(aPrimary), slow, false)).toBe(60_000);
    expect(pause(after(aPrimary), { interval: 1, failures: 2 })).toBe(500);
  });
  it('of a primary whose standby does not answer still comes in time, whatever the file allows', () => {
    const whole = fc.integer({ min: 1, max: 3600 });
    fc.assert(
      fc.property(whole, fc.integer({ min: 1, max: 100 }), (interval, failures) => {
        const lease = leaseMsOf({ interval, failures });
        const asked = Math.min(1000, lease / 6); // of the keepers, once more
        const cycle = Math.max(patienceMs({ failover: { interval, failures } }), pause(undefined, { interval, failures })); // prettier-ignore
        return cycle + asked < usableMs(lease);
      }),
    );
  });
});

describe('a standby that is woken', () => {
  const failing: Facts = { ...down, mine: { ...down.mine, failures: 0 } };
  it('counts no failure ahead of time, and is not promoted by it', () => {
    for (const facts of [failing, down, { ...down, views: undefined }, { ...down, views: allSay(undefined) }])
      expect(tick(facts, false).steps).toEqual([]);
    expect(tick({ ...aStandby, gate: 'open' }, false).steps).not.toEqual([]);
  });
  it('looks again when its interval has passed, counted from the last one', () => {
    const slow = { interval: 60, failures: 2 };
    const looks = { beganMs: 80_000, countedMs: 70_000, guarded: true };
    expect(isCounted(slow, looks)).toBe(false);
    expect(nextLookMs(slow, { facts: failing, steps: [] }, looks)).toBe(130_000);
    expect(isCounted(slow, { beganMs: 130_000, countedMs: 70_000 })).toBe(true);
    expect(isCounted(slow, { beganMs: 5000, countedMs: -Infinity })).toBe(true);
    // It could not look, and has not for long: it does not try again without a pause.
    for (const guarded of [true, false])
      expect(nextLookMs(slow, undefined, { beganMs: 900_000, countedMs: 0, guarded })).toBeGreaterThan(902_000);
  });
});
