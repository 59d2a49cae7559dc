import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { reasons } from '../../../agent/reasons.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('operations.md says what to do about every message of the agent, and about no other', () => {
  const told = [...read('docs/operations.md').matchAll(/^\| (`[A-Z_]+`[^|]*)\|/gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`([A-Z_]+)`/g)])
    .map(([, code = '']) => code);
  expect(told.toSorted()).toEqual(Object.keys(reasons).toSorted());
});

test('every link in a page leads to a file', () => {
  const pages = ['.', 'docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : [])),
  );
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].flatMap(([, link = '']) =>
      existsSync(join(root, dirname(page), link)) ? [] : [`${page}: ${link}`],
    ),
  );
  expect(dead).toEqual([]);
});
