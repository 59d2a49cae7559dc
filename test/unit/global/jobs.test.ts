import { describe, expect, it } from '@jest/globals';
import type { Decision, Facts } from '../../../global/rules/facts.ts';
import {
  checkAccess,
  checkPromote,
  checkStart,
  mayInitializePrimary,
  mayInitializeStandby,
  mayReleaseStandby,
} from '../../../global/rules/jobs.ts';
import { calledAs, scriptOf } from '../../../global/places.ts';
import { logLine } from '../../../global/rules/words.ts';
import { allSay, aPrimary, aStandby, silent } from './pretend-sites.ts';

const pgpass = '/var/lib/pgsql/.pgpass';
const stopped: Facts = { ...aPrimary, server: 'stopped', gate: 'closed' };
const told = ({ exit, says, steps }: Decision) => [exit, says[0]?.[1], ...steps.map((step) => step.do)];
const promoted = allSay({ epoch: 2, holder: 'second', waitMs: 0 });
const primaryThere: Facts['other'] = { answers: true, inRecovery: false, timeline: 2, systemId: '7', position: 1n };

describe('check-start', () => {
  it.each<[Partial<Facts>, readonly unknown[]]>([
    [{ site: 'second' }, [1, 'Not on db1, exiting']],
    [{ passfile: 'missing' }, [1, `Please create ${pgpass}`]],
    [{ server: 'primary' }, [1, 'PostgreSQL is already running locally, exiting']],
    [
      { startsAs: 'nothing' },
      [1, 'There is no database here: cfha global rejoin --clone, if the other site is the primary'],
    ],
    [{ other: primaryThere }, [0, 'db2 is running as primary, not starting local database']],
    [
      { other: silent, views: promoted },
      [0, 'db2 has been promoted, as the witnesses know: not starting local database'],
    ],
    [{ other: silent }, [0, 'Cannot connect to db2, starting local database', 'start server']],
    [{}, [0, 'db2 is a standby, starting local database', 'start server']],
    [{ startsAs: 'standby', other: primaryThere }, [0, 'Starting local database as a standby', 'start server']],
  ])('%j', (facts, expected) => expect(told(checkStart({ ...stopped, ...facts }, pgpass))).toEqual(expected));
});

describe('check-access', () => {
  const primary: Facts = { ...aPrimary, site: 'second', mine: { ...aPrimary.mine, epoch: 2 }, other: silent, views: undefined }; // prettier-ignore
  it.each<[Partial<Facts>, readonly unknown[]]>([
    [{ site: 'first' }, [0, 'Not on db2, exiting']],
    [{ server: 'standby' }, [0, 'Running as standby, not opening port']],
    [{ server: 'stopped' }, [1, 'PostgreSQL is not running locally, exiting.']],
    [{}, [0, 'Port already open']],
    [{ gate: 'closed' }, [0, 'Opening port', 'open gate']],
    [{ gate: 'closed', views: promoted }, [0, "I'm already the primary, nothing to do.", 'hold']],
  ])('%j', (facts, expected) => expect(told(checkAccess({ ...primary, ...facts }))).toEqual(expected));
});

describe('check-promote', () => {
  it.each<[Partial<Facts>, readonly unknown[]]>([
    [{ site: 'first' }, [0, 'Not on db2, exiting']],
    [{ passfile: 'missing' }, [1, `Please create ${pgpass}`]],
    [{ passfile: 'open to others' }, [1, `${pgpass} must belong to PostgreSQL's user, and nobody else may read it (chmod 600)`]], // prettier-ignore
    [{ server: 'stopped' }, [1, 'PostgreSQL is not running locally, exiting.']],
    [{}, [0, 'Primary db1 is up, nothing to do.']],
  ])('%j', (facts, expected) => expect(told(checkPromote({ ...aStandby, ...facts }, pgpass))).toEqual(expected));
});

describe('what replaces data is refused', () => {
  const fresh: Facts = { ...aStandby, server: 'stopped', startsAs: 'nothing' };
  it.each<[Partial<Facts>, readonly unknown[]]>([
    [{ site: 'first' }, [0, 'Not on db2, exiting']],
    [{ server: 'standby' }, [1, 'The local database is still running.']],
    [{ other: silent }, [1, 'Cannot connect to db1: connect ETIMEDOUT']],
    [{ other: aPrimary.other }, [1, 'db1 is a standby: there is nothing to copy']],
    [{}, [0, 'Overwriting database files with backup from primary', 'make gate']],
  ])('standby-initialize %j', (facts, expected) =>
    expect(told(mayInitializeStandby({ ...fresh, ...facts }, pgpass))).toEqual(expected),
  );
  it.each<[Partial<Facts>, number]>([
    [{ site: 'first' }, 1],
    [{ server: 'standby' }, 1],
    [{ other: primaryThere }, 1],
    [{ server: 'stopped', startsAs: 'primary' }, 0],
    [{}, 0],
  ])('standby-release %j', (facts, exit) => {
    const primary: Facts = { ...aPrimary, site: 'second', other: silent };
    expect(mayReleaseStandby({ ...primary, ...facts }).exit).toBe(exit);
  });
  it.each<[Partial<Facts>, string | undefined, string]>([
    [{ site: 'second' }, undefined, 'Not on db1, exiting'],
    [{}, '/tmp/pgbackup.tar.gz', 'Cannot find database backup /tmp/pgbackup.tar.gz'],
    [{ other: primaryThere }, undefined, 'db2 is still running, not starting local database'],
    [{ other: silent }, undefined, 'Overwriting database files with backup from standby'],
  ])('primary-initialize %j', (facts, missing, words) =>
    expect(mayInitializePrimary({ ...stopped, ...facts }, missing).says[0]?.[1]).toBe(words),
  );
});

it('the reference’s names are links to the jobs', () => {
  expect(calledAs('pgsql-standby-check-promote')).toBe('check-promote');
  expect(calledAs('cfha')).toBeUndefined();
  expect(scriptOf('archive-wal')).toBe('pgsql-primary-archive-wal');
});

it('a line of the log has the reference’s form', () => {
  expect(logLine(['INFO', 'db1 is down'], new Date(2026, 6, 24, 11, 11, 1))).toBe(
    'Jul 24 11:11:01 INFO: db1 is down\n',
  );
});
