import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnreadableAnswer } from '../../../../lib/host/exec.ts';
import { laterLsn, lsnDigits, parseLsn } from '../../../../lib/postgres/lsn.ts';
import { readPidFile } from '../../../../lib/postgres/pidfile.ts';
import { readInstance } from '../../../../lib/postgres/queries.ts';

const whole = '4711\n/var/lib/pgsql/data\n1790000000\n5432\n/var/run/postgresql\n*\n  1056777         4\nready   \n';

describe('postmaster.pid', () => {
  it('is read line by line', () => {
    expect(readPidFile(whole)).toEqual({
      pid: 4711,
      dataDirectory: '/var/lib/pgsql/data',
      startedAt: 1790000000,
      port: 5432,
      socketDirectory: '/var/run/postgresql',
      status: 'ready',
    });
  });

  it('truncated anywhere, tells no other pid and no other directory', () => {
    for (let n = 0; n < whole.length; n++) {
      const read = readPidFile(whole.slice(0, n));
      if (n > '4711\n'.length && read !== undefined) expect(read.pid).toBe(4711);
      if (read !== undefined) expect('/var/lib/pgsql/data'.startsWith(read.dataDirectory)).toBe(true);
    }
  });

  it('of a standalone backend, of pid 1 or of garbage, names no postmaster', () => {
    expect(readPidFile(whole.replace('4711', '-4711'))).toBeUndefined();
    expect(readPidFile(whole.replace('4711', '1'))).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => readPidFile(text) === undefined || /^\s*\d+\s*\n\s*\//.test(text)));
  });
});

describe('a position in the WAL', () => {
  it('becomes the 16 digits that compare as text as the positions do', () => {
    expect(lsnDigits(parseLsn('16/B374D848') ?? 0n)).toBe('00000016B374D848');
    const lsn = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn });
    fc.assert(fc.property(lsn, lsn, (a, b) => a < b === lsnDigits(a) < lsnDigits(b)));
  });

  it('is not guessed from other text', () => {
    for (const text of ['', '/', '16', '16/', '16/XYZ', '123456789/0', '16/B374D848 '])
      expect(parseLsn(text)).toBeUndefined();
  });

  it('is the later one of two, of which either may be missing', () => {
    expect([
      laterLsn(1n, 2n),
      laterLsn(undefined, 2n),
      laterLsn(3n, undefined),
      laterLsn(undefined, undefined),
    ]).toEqual([2n, 2n, 3n, undefined]);
  });
});

describe("the server's row", () => {
  const row = {
    in_recovery: false,
    sync_names: '',
    received: null,
    replayed: null,
    written: '0/3000060',
    wal_receiver: false,
    senders: '[["db2","STREAMING","ASYNC","0/3000000"],["db3",null,null]]',
    slots: '["ha_db2"]',
    lost_slots: '[]',
    stray_slots: '["app"]',
    timeline: 3,
    system_identifier: '7000000000000000001',
    checkpointer_idle: true,
  };

  it('is read into an answer; what a role may not see is undefined', () => {
    expect(readInstance(row)).toMatchObject({
      inRecovery: false,
      written: 0x3000060n,
      senders: [
        { applicationName: 'db2', state: 'STREAMING', syncState: 'ASYNC', flushed: 0x3000000n },
        { applicationName: 'db3', state: undefined, syncState: undefined, flushed: undefined },
      ],
      physicalSlots: ['ha_db2'],
      lostSlots: [],
      strayLogicalSlots: ['app'],
      timeline: 3,
      systemIdentifier: '7000000000000000001',
      checkpointerIdle: true,
    });
  });

  it('that lacks a column or has another type in it is refused by the name of the column', () => {
    for (const column of [
      'in_recovery',
      'sync_names',
      'wal_receiver',
      'senders',
      'slots',
      'system_identifier',
      'checkpointer_idle',
    ] as const) {
      expect(() => readInstance({ ...row, [column]: 7 })).toThrow(column);
      expect(() => readInstance({ ...row, [column]: undefined })).toThrow(UnreadableAnswer);
    }
    expect(() => readInstance(undefined)).toThrow(UnreadableAnswer);
  });

  it('of garbage is refused, never half read', () => {
    const value = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null));
    const garbage = fc.record(Object.fromEntries(Object.keys(row).map((key) => [key, value])));
    fc.assert(
      fc.property(garbage, (candidate) => {
        try {
          return typeof readInstance(candidate).inRecovery === 'boolean';
        } catch (error) {
          return error instanceof UnreadableAnswer;
        }
      }),
    );
  });
});
