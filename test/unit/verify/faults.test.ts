import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { groups } from '../../../scripts/faults.ts';
import { checks } from '../../../verify/checks.ts';
import { drills } from '../../../verify/drills/all.ts';

const root = join(import.meta.dirname, '../../..');
const faults = Object.values(groups).flat();

test('the faults are numbered one after the other, each once', () => {
  expect(faults.length).toBeGreaterThanOrEqual(73);
  expect(faults.map(({ n }) => n)).toEqual(Array.from(faults, (_, n) => n + 1));
});

test('each is answered, or has a reason why not', () => {
  expect(faults.filter(({ answers, without }) => answers.length === 0 && without === undefined)).toEqual([]);
});

test('a drill that answers a fault says so itself, and no drill says more', () => {
  const listed = faults.flatMap(({ n, answers }) => answers.flatMap((answer) => ('drill' in answer ? [`${answer.drill} ${n}`] : []))); // prettier-ignore
  const declared = drills.flatMap((drill) => drill.faults.map((n) => `${drill.name} ${n}`));
  expect(listed.toSorted()).toEqual(declared.toSorted());
});

test('a check that answers one is there', () => {
  const codes = checks.map(({ code }) => code);
  const named = faults.flatMap(({ answers }) => answers.flatMap((answer) => ('check' in answer ? [answer.check] : [])));
  expect(named.filter((code) => !codes.includes(code))).toEqual([]);
});

const tests = faults.flatMap(({ answers }) => answers.flatMap((answer) => ('test' in answer ? [answer] : [])));
test.each(tests)('$test has: $says', ({ test: file, says }) => {
  expect(existsSync(join(root, file))).toBe(true);
  expect(readFileSync(join(root, file), 'utf8')).toContain(says);
});
