import { describe, expect, it } from '@jest/globals';
import { controlDataArgv, wasShutDown } from '../../../../lib/postgres/controldata.ts';

const printed = (state: string) => ({
  code: 0,
  stdout: `pg_control version number:            1300\nDatabase cluster state:               ${state}\n`,
  stderr: '',
});

describe('pg_controldata', () => {
  it('lies beside pg_ctl', () =>
    expect(controlDataArgv('/usr/lib/postgresql/15/bin/pg_ctl', '/d')).toEqual([
      '/usr/lib/postgresql/15/bin/pg_controldata',
      '-D',
      '/d',
    ]));

  it.each([
    ['shut down', true],
    ['shut down in recovery', true],
    ['in production', false],
    ['in archive recovery', false],
    ['shutting down', false],
  ])('%s', (...[state, clean]) => expect(wasShutDown(printed(state))).toBe(clean));

  it('that fails, or says nothing of the state, proves nothing', () => {
    expect(() => wasShutDown({ code: 1, stdout: 'Database cluster state:   shut down', stderr: '' })).toThrow(
      'Database cluster state',
    );
    expect(() => wasShutDown({ code: 0, stdout: '', stderr: '' })).toThrow('Database cluster state');
  });
});
