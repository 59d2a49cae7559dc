import { describe, expect, it } from '@jest/globals';
import { isTitleOf, restoringMs } from '../../../../lib/postgres/children.ts';

const wal = '000000010000000000000003';

describe('the title of a process of the server', () => {
  it.each([
    ['postgres: startup', true],
    ['postgres: startup ', true],
    [`postgres: startup recovering ${wal}`, true],
    [`postgres: startup waiting for ${wal}`, true],
    [`postgres: main: startup recovering ${wal} waiting`, true],
    ['postgres: 15: main: startup', true],
    ['postgres: startup shop [local] idle', false],
    ['postgres: startup shop 10.0.0.1(5000) COPY', false],
    ['postgres: checkpointer', false],
    ['startup', false],
    ['sh -c postgres: startup', false],
  ])('%j: startup %s', (title, is) => expect(isTitleOf('startup', title)).toBe(is));

  it.each([
    ['postgres: archiver', true],
    [`postgres: archiver archiving ${wal}`, true],
    [`postgres: main: archiver last was ${wal}`, true],
    ['postgres: archiver failed on 00000002.history', true],
    ['postgres: archiver shop [local] idle', false],
  ])('%j: archiver %s', (title, is) => expect(isTitleOf('archiver', title)).toBe(is));

  it('a process that is no postmaster restores nothing', () => {
    expect(restoringMs({ pid: process.pid })).toBeUndefined();
  });
});
