import { expect, it } from '@jest/globals';
import { spentBy } from '../../bench/bootstrap.ts';
import { reportTable } from '../../bench/figures.ts';

const goal = (id: string, state: string, at: number) => ({ event: 'goal', id, state, at });

it('the time of a bootstrap is told by preflight and goals, and is all of it', () => {
  const events = [
    goal('a', 'begun', 3000),
    { event: 'command', at: 3500 },
    goal('a', 'reached', 4000),
    goal('b', 'holds', 4000),
    goal('c', 'begun', 4000),
    goal('c', 'reached', 9000),
  ];
  expect([...spentBy({ events }, 1000)]).toEqual([
    ['preflight', 2],
    ['a', 1],
    ['b', 0],
    ['c', 5],
  ]);
});

it('a figure without an upstream is shown without one', () => {
  const figures = [{ name: 'bare to healthy', unit: 's', ours: 61.2, n: 1, goal: 'at most 120 s', met: true }];
  const table = reportTable({ bench: 'bootstrap', figures });
  expect(table).toMatch(/bare to healthy +61.2 s/);
  expect(table).not.toMatch(/undefined|NaN/);
});
