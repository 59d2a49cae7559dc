import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { outcomeOf } from '../../lists/client.ts';
import {
  contradictions,
  judgeLists,
  type Append,
  type History,
  type ListsReport,
  type Outcome,
} from '../../lists/judge.ts';

const appended = (place: string, ...outcomes: readonly Outcome[]): Append[] =>
  outcomes.map((outcome, i) => ({ place, value: i + 1, outcome, atMs: i * 200 }));
const [ok, no, maybe] = ['acknowledged', 'failed', 'uncertain'] as const;

const sound: History = {
  appends: [...appended('vip', ok, ok, maybe, ok), ...appended('10.0.0.1', ok, ok), ...appended('10.0.0.2', no, no)],
  reads: [
    { at: 'vip', place: 'vip', list: [1] },
    { at: '10.0.0.2', place: 'vip', list: [1, 2, 3] },
  ],
  final: new Map([
    ['vip', [1, 2, 3, 4]],
    ['10.0.0.1', [1, 2]],
  ]),
};

const lists = (vip: readonly number[]) => new Map([...sound.final, ['vip', vip]]);
const early = [{ at: 'vip', place: 'vip', list: [] }];
const reading = (...list: readonly number[]) => [...sound.reads, { at: 'vip', place: 'vip', list }];

describe('the checker of lists', () => {
  it('has nothing to say of a sound history, with the uncertain value there or not', () => {
    const report = judgeLists(sound);
    expect(report).toEqual({
      ...{ acknowledged: 5, failed: 2, uncertain: 1, reads: 2 },
      ...{ lost: 0, duplicated: 0, reordered: 0, vanished: 0, cameBack: 0, twoWritableMs: 0 },
    });
    expect(contradictions(report)).toEqual([]);
    const without = { ...sound, reads: [], final: lists([1, 2, 4]) };
    expect(judgeLists(without)).toMatchObject({ lost: 0, vanished: 0, reordered: 0 });
  });

  it.each<[string, Partial<History>, Partial<ListsReport>]>([
    ['an acknowledged value that is not there', { final: lists([1, 2, 3]) }, { lost: 1 }],
    ['a whole list that is not there', { final: new Map(), reads: early }, { lost: 5 }],
    ['a value that is there twice', { final: lists([1, 2, 3, 4, 4]) }, { duplicated: 1 }],
    ['values in another order', { reads: early, final: lists([1, 3, 2, 4]) }, { reordered: 1 }],
    ['values that were read in another order', { reads: reading(2, 1) }, { reordered: 2 }],
    ['a value that was read too early', { reads: reading(1, 2, 4) }, { reordered: 1 }],
    ['an uncertain value that was read and is not there', { reads: reading(1, 2, 3), final: lists([1, 2, 4]) }, { vanished: 1 }],
    ['a value that nobody has appended', { reads: reading(1, 9) }, { vanished: 1 }],
    ['a failed value that is there', { final: new Map([...sound.final, ['10.0.0.2', [2]]]) }, { cameBack: 1 }],
  ])('finds %s', (_, changed, expected) => {
    const report = judgeLists({ ...sound, ...changed });
    const { lost, duplicated, reordered, vanished, cameBack, twoWritableMs } = report;
    const nothing = { lost: 0, duplicated: 0, reordered: 0, vanished: 0, cameBack: 0, twoWritableMs: 0 };
    expect({ lost, duplicated, reordered, vanished, cameBack, twoWritableMs }).toEqual({ ...nothing, ...expected });
    expect(contradictions(report)).toHaveLength(1);
  }); // prettier-ignore

  it('counts for how long two addresses took writes, and not a takeover', () => {
    const at = (place: string, ...times: readonly number[]): Append[] =>
      times.map((atMs, i) => ({ place, value: i + 1, outcome: ok, atMs }));
    const during = (...appends: readonly Append[]) =>
      judgeLists({ appends, reads: [], final: new Map() }).twoWritableMs;
    expect(during(...at('a', 0, 500, 1000), ...at('b', 600, 900, 1500))).toBe(400);
    expect(during(...at('a', 0, 500, 1000), ...at('b', 1200, 1500))).toBe(0);
    expect(during(...at('a', 0, 100), ...at('b', 3000, 3100), ...at('a', 6000, 6100))).toBe(0);
    expect(during(...at('vip', 0, 500, 1000), ...at('b', 0, 500, 1000))).toBe(0);
  });

  it('is not content with a client that did nothing', () => {
    const report = judgeLists({ appends: [], reads: [], final: new Map() });
    expect(contradictions(report)).toEqual(['lists: nothing was written, or nothing read']);
  });
});

describe('an append', () => {
  const said = (code: string) => Object.assign(new pg.DatabaseError('', 0, 'error'), { code });
  it.each<[string, Parameters<typeof outcomeOf>[0], Outcome]>([
    ['that was answered', { rows: [] }, ok],
    ['without a connection', { error: new Error('refused'), sent: false }, no],
    ['to a server that is read only', { error: said('25006'), sent: true }, no],
    ['to a server that shuts down', { error: said('57P01'), sent: true }, maybe],
    ['with an unknown error', { error: said('XX000'), sent: true }, maybe],
    ['without an answer', { error: Object.assign(new Error('timeout'), { code: 'EPIPE' }), sent: true }, maybe],
  ])('%s', (_, answer, outcome) => expect(outcomeOf(answer)).toBe(outcome));
});
