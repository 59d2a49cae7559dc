// synchronous_standby_names as PostgreSQL understands it.
import { describe, expect, it } from '@jest/globals';
import { readNames, released, settingIn, syncState } from '../../simulation/names.ts';
import type { Sender } from '../../simulation/world.ts';

const sender = (name: string, flushed: number, state: Sender['state'] = 'STREAMING') => ({
  name,
  sender: { node: 0, run: 1, state, sent: flushed, flushed, pumping: false },
});

describe('synchronous_standby_names', () => {
  it.each([
    ['"db2"', { how: 'FIRST', count: 1, names: ['db2'] }],
    ['ANY 1 ("db2", "db3")', { how: 'ANY', count: 1, names: ['db2', 'db3'] }],
    ['FIRST 2 ("db2", "db3")', { how: 'FIRST', count: 2, names: ['db2', 'db3'] }],
  ])('reads %s', (setting, wanted) => expect(readNames(setting)).toEqual(wanted));

  it('is found in rep_mode.conf', () =>
    expect(settingIn(`synchronous_standby_names = 'ANY 1 ("db2")'\n`)).toBe('ANY 1 ("db2")'));

  it('releases what enough of the named standbys have flushed', () => {
    const rows = [sender('db2', 5), sender('db3', 9)];
    expect(released('"db2"', rows)).toBe(5);
    expect(released('ANY 1 ("db2", "db3")', rows)).toBe(9);
    expect(released('ANY 2 ("db2", "db3")', rows)).toBe(5);
    expect(released('ANY 2 ("db2", "db4")', rows)).toBe(0);
  });

  it('does not count a standby that catches up', () =>
    expect(released('"db2"', [sender('db2', 5, 'CATCHUP')])).toBe(0));

  it('says what each standby is', () => {
    const rows = [sender('db2', 5), sender('db3', 9)];
    expect(syncState('"db2"', rows, 'db2')).toBe('SYNC');
    expect(syncState('"db2"', rows, 'db3')).toBe('ASYNC');
    expect(syncState('ANY 1 ("db2", "db3")', rows, 'db3')).toBe('QUORUM');
    expect(syncState('FIRST 1 ("db2", "db3")', rows, 'db3')).toBe('POTENTIAL');
  });
});
