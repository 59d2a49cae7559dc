// What a planned change refuses beforehand: that the shutdown of the primary would be held up.
import { describe, expect, it } from '@jest/globals';
import { holdupsIn } from '../../../../cli/region/holdups.ts';

const row = { in_recovery: false, waiting: 0, command: 'sleep 3', silent: '[]' };

describe('what a shutdown would wait for', () => {
  it('is nothing on a healthy primary, on a standby, and where nothing is known', () => {
    expect(holdupsIn({ ...row, waiting: 10 }, ['db1', 'db2'])).toEqual([]);
    expect(holdupsIn({ ...row, in_recovery: true, waiting: 500 }, [])).toEqual([]);
    for (const unknown of [undefined, {}, { in_recovery: false, silent: 'garbage' }])
      expect(holdupsIn(unknown, [])).toEqual([]);
  });

  it('is the archiver with many files, with their number and the command', () => {
    expect(holdupsIn({ ...row, waiting: 100 }, [])).toEqual([
      expect.stringMatching(/^100 WAL files wait for the archiver \(archive_command: sleep 3\)/),
    ]);
  });

  it('is a receiver that has stopped, with its name, process and address, and no standby of the cluster', () => {
    const silent = JSON.stringify([['app', 4711, '10.0.0.9/32', 40], ['DB2', 4712, '10.0.0.2/32', 40], ['x'], 5]);
    expect(holdupsIn({ ...row, silent }, ['db1', 'db2'])).toEqual([
      'the receiver app (pid 4711, 10.0.0.9/32), which is no node of the cluster, has confirmed nothing for 40 s',
      expect.stringContaining('the receiver x (pid undefined'),
    ]);
  });
});
