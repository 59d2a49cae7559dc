import { describe, expect, it } from '@jest/globals';
import { readParameters } from '../../../agent/call.ts';
import { validate, type Machine } from '../../../agent/rules/validate.ts';
import { aCall } from './pretend-region.ts';

const user = { name: 'postgres', uid: 107, gid: 115, home: '/var/lib/postgresql' };
const good: Machine = {
  user,
  callerUid: 0,
  isProgram: () => true,
  configText: '',
  dataWritable: true,
  rejoins: () => false,
  isPrivate: () => true,
  tmpdirOwner: undefined,
  dataVersion: '15\n',
};
const probe = { OCF_RESKEY_CRM_meta_interval: '0' };
const clone = { OCF_RESKEY_CRM_meta_promotable: 'false' };

const rows: readonly (readonly [string, Parameters<typeof aCall>, Partial<Machine>, string, string])[] = [
  ['no such user', [], { user: undefined }, 'installed', 'NO_SUCH_USER'],
  ['a password without a user', [{ monitor_password: 'x' }], {}, 'configured', 'PASSWORD_WITHOUT_USER'],
  ['no pg_ctl', [], { isProgram: (file) => !file.endsWith('pg_ctl') }, 'installed', 'PROGRAM_MISSING'],
  ['no psql', [], { isProgram: (file) => !file.endsWith('psql') }, 'installed', 'PROGRAM_MISSING'],
  ['no configuration file', [], { configText: undefined }, 'installed', 'CONFIG_MISSING'],
  [
    'sockets configured, socketdir not',
    [],
    { configText: " unix_socket_directories = '/x'\n" },
    'configured',
    'SOCKETDIR_REQUIRED',
  ],
  ['a data directory of somebody else', [], { dataWritable: false }, 'permission', 'DATA_NOT_WRITABLE'],
  ['PostgreSQL 12', [], { dataVersion: '12\n' }, 'installed', 'VERSION_UNSUPPORTED'],
  [
    'PostgreSQL 12 under rep_mode=slave',
    [{ rep_mode: 'slave' }, {}],
    { dataVersion: '12\n' },
    'installed',
    'VERSION_UNSUPPORTED',
  ],
  ['PostgreSQL 11', [], { dataVersion: '11\n' }, 'installed', 'VERSION_UNSUPPORTED'],
  ['PostgreSQL 9.6', [], { dataVersion: '9.6\n' }, 'installed', 'VERSION_UNSUPPORTED'],
  ['no master_ip', [{ master_ip: '' }], {}, 'configured', 'MASTER_IP_REQUIRED'],
  ['no promotable clone', [{}, clone], {}, 'configured', 'NOT_PROMOTABLE_CLONE'],
  ['an unknown mode', [{ rep_mode: 'both' }], {}, 'configured', 'REP_MODE_UNKNOWN'],
  ['slave in a promotable clone', [{ rep_mode: 'slave' }], {}, 'configured', 'PROMOTABLE_SLAVE'],
  ['external standbys without sync', [{ external_standby_node_list: 'dr1' }], {}, 'configured', 'EXTERNAL_NEEDS_SYNC'],
  [
    'external standbys in a quorum',
    [{ external_standby_node_list: 'dr1', rep_mode: 'sync', synchronous_standbys: '1' }],
    {},
    'configured',
    'EXTERNAL_NO_QUORUM',
  ],
  ['an unknown end of a demotion', [{ demote_to: 'nowhere' }], {}, 'configured', 'DEMOTE_TO_UNKNOWN'],
  ['no node_list', [{ node_list: ' ' }], {}, 'configured', 'NODE_LIST_REQUIRED'],
  ['a node_list without this node', [{ node_list: '10.77.0.11 10.77.0.12' }], {}, 'configured', 'NODE_NOT_LISTED'],
  [
    'a password file that others can read',
    [{ passfile: '/x' }],
    { isPrivate: () => false },
    'installed',
    'PASSFILE_UNUSABLE',
  ],
  ['a slot name in upper case', [{ replication_slot_name: 'HA' }], {}, 'configured', 'SLOT_NAME_WRONG'],
  [
    'a slot name that is too long for a node',
    [{ replication_slot_name: 'a'.repeat(60) }],
    {},
    'configured',
    'SLOT_NAMES_WRONG',
  ],
  [
    'a node whose name makes no slot',
    [{ replication_slot_name: 's', node_list: 'db1 db~2' }],
    {},
    'configured',
    'SLOT_NAMES_WRONG',
  ],
  [
    'two nodes with one slot',
    [{ replication_slot_name: 's', node_list: 'db1 db-2 db.2' }],
    {},
    'configured',
    'SLOT_NAMES_WRONG',
  ],
  ['the tmpdir of another resource', [], { tmpdirOwner: 'other' }, 'configured', 'TMPDIR_TAKEN'],
  ['a caller who is neither root nor the owner', [], { callerUid: 65534 }, 'generic', 'NOT_ALLOWED'],
];

describe('validation', () => {
  it.each(rows)('start with %s', (...[, call, machine, exit, code]) => {
    expect(validate('start', aCall(...call), { ...good, ...machine })).toMatchObject({ exit, reason: { code } });
  });

  it('lets what runs in the tmpdir of another resource go on', () => {
    for (const action of ['monitor', 'promote', 'demote', 'notify'])
      expect(validate(action, aCall(), { ...good, tmpdirOwner: 'other' })).toBeUndefined();
  });

  it('takes slot names up to 63 bytes', () => {
    const fits = aCall({ replication_slot_name: 'a'.repeat(59) });
    expect(validate('start', fits, good)).toBeUndefined();
  });

  it('of a good call on a good machine finds nothing', () => {
    for (const action of ['start', 'monitor', 'promote', 'validate-all'])
      expect(validate(action, aCall(), good)).toBeUndefined();
  });

  it('of a monitor whose user is wrong says "not running", as pgsql does', () => {
    expect(validate('monitor', aCall(), { ...good, user: undefined })?.exit).toBe('notRunning');
  });

  it('of a probe overlooks a missing configuration and an unwritable directory', () => {
    expect(
      validate('monitor', aCall({}, probe), { ...good, configText: undefined, dataWritable: false }),
    ).toBeUndefined();
  });

  it.each([
    ['PostgreSQL 13 where it replicates', 'async', '13\n'],
    ['PostgreSQL 9.6 alone', 'none', '9.6\n'],
  ])('takes %s', (_, rep_mode, dataVersion) => {
    expect(validate('start', aCall({ rep_mode }), { ...good, dataVersion })).toBeUndefined();
  });

  it('by validate-all looks at this machine only at level 10', () => {
    const bad = { ...good, isProgram: () => false };
    expect(validate('validate-all', aCall(), bad)).toBeUndefined();
    expect(validate('validate-all', aCall({}, { OCF_CHECK_LEVEL: '10' }), bad)?.exit).toBe('installed');
  });
});

describe('the environment', () => {
  it('gives every parameter its default', () => {
    const { parameters, problems } = readParameters({});
    expect(problems).toEqual([]);
    expect(parameters).toMatchObject({
      pgport: 5432,
      config: '/var/lib/pgsql/data/postgresql.conf',
      restart_on_promote: false,
    });
  });

  it('lets config follow pgdata', () =>
    expect(readParameters({ OCF_RESKEY_pgdata: '/x' }).parameters.config).toBe('/x/postgresql.conf'));

  it('reports all wrong numbers at once and falls back to the defaults, so that a stop still stops', () => {
    const { parameters, problems } = readParameters({ OCF_RESKEY_pgport: 'abc', OCF_RESKEY_stop_escalate: '-1' });
    expect(problems).toEqual(['pgport="abc" is not a whole number', 'stop_escalate="-1" is not a whole number']);
    expect([parameters.pgport, parameters.stop_escalate]).toEqual([5432, 90]);
  });

  it('knows the truths of ocf_is_true and nothing else', () => {
    const read = (text: string) =>
      readParameters({ OCF_RESKEY_restart_on_promote: text }).parameters.restart_on_promote;
    expect(['yes', 'true', '1', 'YES', 'TRUE', 'True', 'ja', 'on', 'ON'].map(read)).toEqual(Array(9).fill(true));
    expect(['', 'no', 'tRue', '0', 'On'].map(read)).toEqual(Array(5).fill(false));
  });
});
