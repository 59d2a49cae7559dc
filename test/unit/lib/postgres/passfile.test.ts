import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findPassword } from '../../../../lib/postgres/passfile.ts';

const wanted = { host: 'localhost', port: '5432', database: 'postgres', user: 'monitor' };

describe('the password file', () => {
  it('gives the password of the first line that fits', () => {
    const text = '# a comment\n*:5432:replication:replicator:no\nlocalhost:5432:*:monitor:first\n*:*:*:*:second\n';
    expect(findPassword(text, wanted)).toBe('first');
    expect(findPassword(text, { ...wanted, user: 'other' })).toBe('second');
    expect(findPassword('*:5433:*:*:x\n', wanted)).toBeUndefined();
  });

  it('takes an escaped character as it is', () => {
    const escape = (value: string) => value.replace(/[\\:]/g, '\\$&');
    const word = fc.string({ minLength: 1 }).filter((value) => !/[\n]|^#/.test(value));
    fc.assert(
      fc.property(word, word, (user, password) => {
        const line = `*:*:*:${escape(user)}:${escape(password)}\n`;
        return user === '*' || findPassword(line, { ...wanted, user }) === password;
      }),
    );
  });

  it('without a whole line gives nothing', () => {
    for (const text of ['', 'a:b', '*:*:*:monitor', '\\', 'a:b:c:d:e:f'])
      expect(findPassword(text, wanted)).toBeUndefined();
  });
});
