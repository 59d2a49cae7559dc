import { describe, expect, it } from '@jest/globals';
import { nearest } from '../../../lib/host/nearest.ts';

describe('the word that was meant', () => {
  it.each([
    ['usrename', ['ip', 'username'], 'username'],
    ['adress', ['address', 'name'], 'address'],
    ['Region', ['region'], 'region'],
    ['nodse', ['nodes', 'modes'], 'nodes'],
    ['colour', ['region', 'nodes', 'vip'], undefined],
    ['x', ['ip'], undefined],
    ['', ['a'], 'a'],
  ])('for %s is found', (given, known, expected) => {
    expect(nearest(given, known)).toBe(expected);
  });
});
