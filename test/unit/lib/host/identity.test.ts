import { describe, expect, it } from '@jest/globals';
import { readPasswd } from '../../../../lib/host/identity.ts';
import { findProcess, lives, readStat, worksIn } from '../../../../lib/host/processes.ts';

describe('passwd', () => {
  const text =
    'root:x:0:0:root:/root:/bin/sh\npostgres:x:107:115::/var/lib/postgresql:/bin/bash\nshort:x:1\nodd:x:one:2::/:/bin/sh\n';
  it('knows a user by its whole name', () => {
    expect(readPasswd(text, 'postgres')).toEqual({ name: 'postgres', uid: 107, gid: 115, home: '/var/lib/postgresql' });
    expect([
      readPasswd(text, 'postgre'),
      readPasswd(text, 'short'),
      readPasswd(text, 'odd'),
      readPasswd('', 'root'),
    ]).toEqual(Array(4).fill(undefined));
  });
});

describe('/proc', () => {
  it('tells this process, where it works, and that it lives', () => {
    const self = findProcess(process.pid);
    expect(self).toMatchObject({ pid: process.pid, parent: process.ppid });
    expect(self !== undefined && lives(self)).toBe(true);
    expect([worksIn(process.pid, process.cwd()), worksIn(process.pid, '/proc')]).toEqual([true, false]);
  });

  it('tells a later process with the same number from this one', () => {
    expect(lives({ pid: process.pid, parent: process.ppid, startTicks: '1' })).toBe(false);
  });

  it('is read from the last bracket on, and a zombie is no process', () => {
    const fields = '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 99 20';
    expect(readStat(7, `7 (a) b (c)) S ${fields}`)).toEqual({ pid: 7, parent: 1, startTicks: '99' });
    expect([readStat(7, `7 (x) Z ${fields}`), readStat(7, ''), readStat(7, '7 (x) S 1')]).toEqual(
      Array(3).fill(undefined),
    );
  });
});
