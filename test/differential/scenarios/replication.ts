// What befalls pairs and triples in the replication modes, one scenario for each matter.
import {
  act,
  attribute,
  configure,
  file,
  join_,
  killServer,
  leave,
  monitor,
  notify,
  probe,
  sql,
  transition,
  vip,
  work,
  type Scenario,
  type Step,
} from '../scenario.ts';
import { pair } from './golden.ts';

const triple = (mode: string, more: Readonly<Record<string, string>> = {}) => ({
  ...pair(mode, more),
  node_list: 'n1 n2 n3',
});

const three = ['n1', 'n2', 'n3'];
const attr = (name: string) => `cfpgsql-${name}`;

/** A primary on n1 with standbys, without the election: the score is there at once. */
const quick = (...standbys: readonly string[]): Step[] => [
  ...transition('start', 'n1', { exit: 0 }),
  ...transition('promote', 'n1', { exit: 0 }),
  vip('n1'),
  ...standbys.flatMap((node) => transition('start', node, { exit: 0 })),
  monitor('n1', { exit: 8 }),
];

const rounds = (nodes: readonly string[], count: number): Step[] =>
  Array.from({ length: count }, () => nodes.map((n) => monitor(n))).flat();

const lost = (mode: string): Scenario => ({
  name: `${mode}: a standby is lost and comes back`,
  parameters: pair(mode),
  core: mode === 'sync',
  steps: [
    ...quick('n2'),
    monitor('n1', { exit: 8 }),
    killServer('n2'),
    monitor('n1', { exit: 8 }),
    monitor('n1', { exit: 8 }),
    act('stop', 'n2', { exit: 0 }),
    ...transition('start', 'n2', { exit: 0 }),
    monitor('n2', { exit: 0 }),
    monitor('n1', { exit: 8 }),
    leave('n2'),
    monitor('n1', { exit: 8 }),
    join_('n2'),
    probe('n2', { exit: 7 }),
    ...transition('start', 'n2', { exit: 0 }),
    monitor('n1', { exit: 8 }),
  ],
});

const failover = (mode: string, more: Readonly<Record<string, string>>): Scenario => ({
  name: `${mode}: failover by election${Object.keys(more).length === 0 ? '' : `, ${Object.keys(more).join(', ')}`}`,
  parameters: pair(mode, more),
  steps: [
    ...quick('n2'),
    monitor('n1', { exit: 8 }),
    work('n1'),
    leave('n1'),
    vip(undefined),
    ...rounds(['n2'], 5),
    ...transition('promote', 'n2', { exit: 0 }),
    vip('n2'),
    monitor('n2', { exit: 8 }),
    join_('n1'),
    probe('n1', { exit: 7 }),
    ...transition('start', 'n1', { exit: 1 }),
    ...transition('stop', 'n1', { exit: 0 }),
    file('n1', 'tmp/PGSQL.lock', undefined),
    ...transition('start', 'n1', { exit: 0 }),
    monitor('n2', { exit: 8 }),
    monitor('n1', { exit: 0 }),
  ],
});

const switchover = (mode: string): Scenario => ({
  name: `${mode}: switchover`,
  parameters: pair(mode),
  steps: [
    ...quick('n2'),
    monitor('n1', { exit: 8 }),
    work('n1'),
    ...transition('demote', 'n1', { exit: 0 }),
    ...transition('stop', 'n1', { exit: 0 }),
    ...transition('promote', 'n2', { exit: 0 }),
    vip('n2'),
    monitor('n2', { exit: 8 }),
    ...transition('start', 'n1', { exit: 1 }),
    ...transition('stop', 'n1', { exit: 0 }),
  ],
});

const elections: readonly Scenario[] = [
  {
    name: 'election: two standbys, one ahead',
    parameters: pair('async'),
    core: true,
    steps: [
      ...quick('n2'),
      ...transition('stop', 'n2', { exit: 0 }),
      work('n1'),
      ...transition('demote', 'n1', { exit: 0 }),
      ...transition('stop', 'n1', { exit: 0 }),
      file('n1', 'tmp/PGSQL.lock', undefined),
      vip(undefined),
      attribute('n2', attr('data-status'), 'STREAMING|ASYNC'),
      ...transition('start', 'n1', { exit: 0 }),
      ...transition('start', 'n2', { exit: 0 }),
      ...rounds(['n1', 'n2'], 6),
      ...transition('promote', 'n1', { exit: 0 }),
      vip('n1'),
      monitor('n1', { exit: 8 }),
    ],
  },
  {
    name: 'election: xlog_check_count, and a node that appears late',
    parameters: pair('async', { xlog_check_count: '2' }),
    steps: [
      ...transition('start', 'n1', { exit: 0 }),
      ...rounds(['n1'], 2),
      ...transition('start', 'n2', { exit: 0 }),
      ...rounds(['n1', 'n2'], 4),
    ],
  },
  {
    name: 'election: data that are out of date take no part',
    parameters: pair('sync'),
    steps: [
      attribute('n1', attr('data-status'), 'STREAMING|ASYNC'),
      attribute('n2', attr('data-status'), 'DISCONNECT'),
      ...transition('start', 'n1', { exit: 0 }),
      ...transition('start', 'n2', { exit: 0 }),
      ...rounds(['n1', 'n2'], 2),
      attribute('n1', attr('data-status'), 'STREAMING|SYNC'),
      ...rounds(['n1', 'n2'], 4),
    ],
  },
  {
    name: 'election: three standbys of a primary that is gone',
    parameters: triple('async'),
    nodes: three,
    steps: [...quick('n2', 'n3'), work('n1'), leave('n1'), vip(undefined), ...rounds(['n2', 'n3'], 5)],
  },
];

const notices: readonly Scenario[] = [
  {
    name: 'notify: every kind, to a primary and to a standby',
    parameters: pair('async'),
    core: true,
    steps: [
      ...quick('n2'),
      ...['n1', 'n2'].flatMap((node) =>
        (['pre', 'post'] as const).flatMap((type) =>
          ['start', 'stop', 'promote', 'demote'].map((op) => notify(node, { type, op, about: { [op]: ['n2'] } })),
        ),
      ),
      notify('n2', { type: 'post', op: 'demote', about: { demote: ['n1'] } }, { says: 'post-demote of the other' }),
      notify('n1', { type: 'post', op: 'promote', about: { promote: ['N1'] } }, { says: 'post-promote in capitals' }),
      notify('n2', { type: 'post', op: 'promote', about: { promote: ['n1'] } }, { says: 'post-promote of the other' }),
    ],
  },
  {
    name: 'notify: a node with newer data keeps itself out',
    parameters: triple('sync'),
    nodes: three,
    core: true,
    steps: [
      ...quick('n2', 'n3'),
      attribute('n2', attr('master-baseline'), '0000000001000000'),
      attribute('n3', attr('master-baseline'), '0000000002000000'),
      notify('n3', { type: 'pre', op: 'promote', about: { promote: ['n2'] } }, { exit: 1, says: 'n3 is newer' }),
      notify('n2', { type: 'pre', op: 'promote', about: { promote: ['n3'] } }, { exit: 0, says: 'n2 is older' }),
      notify('n1', { type: 'pre', op: 'promote', about: { promote: ['n2'] } }, { exit: 0, says: 'n1 has none' }),
      attribute('n2', attr('master-baseline'), '0000000002000000'),
      notify('n3', { type: 'pre', op: 'promote', about: { promote: ['n2'] } }, { exit: 0, says: 'both are equal' }),
    ],
  },
];

const matters: readonly Scenario[] = [
  {
    name: 'sync: three nodes, the second standby takes over from the first',
    parameters: triple('sync'),
    nodes: three,
    core: true,
    steps: [
      ...quick('n2', 'n3'),
      monitor('n1', { exit: 8 }),
      killServer('n2'),
      monitor('n1', { exit: 8 }),
      monitor('n1', { exit: 8 }),
      act('stop', 'n2', { exit: 0 }),
      ...transition('start', 'n2', { exit: 0 }),
      monitor('n1', { exit: 8 }),
    ],
  },
  {
    name: 'async: three nodes, no standby is preferred',
    parameters: triple('async'),
    nodes: three,
    steps: [...quick('n2', 'n3'), monitor('n1', { exit: 8 }), monitor('n2', { exit: 0 }), monitor('n3', { exit: 0 })],
  },
  {
    name: 'async: promotion by a restart',
    parameters: pair('async', { restart_on_promote: 'true' }),
    core: true,
    steps: [
      ...quick('n2'),
      monitor('n1', { exit: 8 }),
      leave('n1'),
      vip(undefined),
      ...rounds(['n2'], 5),
      ...transition('promote', 'n2', { exit: 0 }),
      vip('n2'),
      monitor('n2', { exit: 8 }),
    ],
  },
  {
    name: 'async: replication slots',
    parameters: pair('async', { replication_slot_name: 'slot' }),
    core: true,
    steps: [
      ...quick('n2'),
      monitor('n1', { exit: 8 }),
      ...transition('stop', 'n2', { exit: 0 }),
      ...transition('start', 'n2', { exit: 0 }),
      leave('n1'),
      vip(undefined),
      ...rounds(['n2'], 5),
      ...transition('promote', 'n2', { exit: 0 }),
      vip('n2'),
      join_('n1'),
      file('n1', 'tmp/PGSQL.lock', undefined),
      ...transition('start', 'n1', { exit: 0 }),
      monitor('n2', { exit: 8 }),
    ],
  },
  {
    name: 'async: the state of the WAL receiver is published',
    parameters: pair('async', { check_wal_receiver: 'true' }),
    core: true,
    steps: [
      probe('n1', { exit: 7, says: 'probe of a stopped server' }),
      act('stop', 'n1', { exit: 0 }),
      ...quick('n2'),
      monitor('n2', { exit: 0 }),
      killServer('n1'),
      monitor('n2', { exit: 0 }),
      monitor('n1', { exit: 7 }),
      ...transition('demote', 'n1', { exit: 0 }),
      ...transition('stop', 'n2', { exit: 0 }),
      ...transition('stop', 'n1', { exit: 0 }),
    ],
  },
  {
    name: 'async: demote of a primary with the state of the WAL receiver',
    parameters: pair('async', { check_wal_receiver: 'true' }),
    steps: [
      ...quick('n2'),
      monitor('n1', { exit: 8 }),
      ...transition('demote', 'n1', { exit: 0 }),
      act('stop', 'n1', { exit: 0 }),
    ],
  },
  {
    name: 'single: the state of the WAL receiver is published',
    parameters: { check_wal_receiver: 'true' },
    nodes: ['n1'],
    steps: [
      act('start', 'n1', { exit: 0 }),
      monitor('n1', { exit: 0 }),
      act('stop', 'n1', { exit: 0 }),
      act('stop', 'n1', { exit: 0 }),
    ],
  },
  {
    name: 'async: the lock goes when nobody else runs',
    parameters: pair('async'),
    core: true,
    steps: [
      ...quick(),
      ...transition('demote', 'n1', { exit: 0 }),
      ...transition('stop', 'n1', { exit: 0 }),
      ...transition('start', 'n1', { exit: 0 }),
      ...transition('promote', 'n1', { exit: 0 }),
      act('demote', 'n1', {
        exit: 0,
        env: { OCF_RESKEY_CRM_meta_notify_slave_uname: '' },
        says: 'demote with an empty list',
      }),
    ],
  },
  {
    name: 'async: all parameters of a standby',
    parameters: pair('async', {
      restore_command: 'cp /nowhere/%f %p',
      archive_cleanup_command: 'true %r',
      recovery_end_command: 'true',
      primary_conninfo_opt: 'keepalives_idle=60 keepalives_interval=5',
      repuser: 'postgres',
      start_opt: '-c log_connections=on',
      ctl_opt: '-s',
      monitor_sql: 'select 1',
    }),
    steps: [...quick('n2'), monitor('n2', { exit: 0 }), monitor('n1', { exit: 8 }), probe('n1', { exit: 8 })],
  },
  {
    name: 'async: an include line of sync is taken out, and put in again',
    parameters: pair('async'),
    steps: [
      ...transition('start', 'n1', { exit: 0, env: { OCF_RESKEY_rep_mode: 'sync' } }),
      ...transition('stop', 'n1', { exit: 0, env: { OCF_RESKEY_rep_mode: 'sync' } }),
      ...transition('start', 'n1', { exit: 0 }),
      ...transition('stop', 'n1', { exit: 0 }),
      ...transition('start', 'n1', { exit: 0, env: { OCF_RESKEY_rep_mode: 'sync' } }),
    ],
  },
  {
    name: 'async: a node whose data are recorded as diverged runs beside a primary',
    parameters: pair('async'),
    steps: [
      ...quick('n2'),
      attribute('n2', attr('data-status'), 'DISCONNECT'),
      attribute('n2', attr('status'), 'HS:async'),
      monitor('n2', { exit: 0 }),
      monitor('n1', { exit: 8 }),
    ],
  },
  {
    name: 'async: names with capitals, dots and dashes',
    parameters: pair('async', { node_list: 'DB-1.example DB-2.example', replication_slot_name: 's' }),
    nodes: ['db-1.example', 'db-2.example'],
    spelled: { 'db-1.example': 'DB-1.example', 'db-2.example': 'DB-2.example' },
    steps: [
      ...transition('start', 'db-1.example', { exit: 0 }),
      ...transition('promote', 'db-1.example', { exit: 0 }),
      vip('db-1.example'),
      ...transition('start', 'db-2.example', { exit: 0 }),
      monitor('db-1.example', { exit: 8 }),
      monitor('db-2.example', { exit: 0 }),
    ],
  },
  {
    name: 'sync: quorum commit set by hand',
    parameters: pair('sync'),
    core: true,
    steps: [
      ...quick('n2'),
      monitor('n1', { exit: 8 }),
      file('n1', 'tmp/rep_mode.conf', "synchronous_standby_names = 'ANY 1 (n2)'\n"),
      sql('n1', 'select pg_reload_conf()'),
      monitor('n1', { exit: 8, says: 'monitor with quorum commit' }),
    ],
    deviates: [{ id: 'D10', where: /^monitor with quorum commit · / }],
  },
  {
    name: 'async: values with quotes and backslashes',
    parameters: pair('async', { restore_command: "cp 'a b' %p", archive_cleanup_command: 'x\\y' }),
    core: true,
    steps: [act('start', 'n1', { upstream: 124, ours: 0, limitMs: 6000, says: 'start with quotes' })],
    deviates: [{ id: 'D13', where: /^start with quotes · / }],
  },
  {
    name: 'async: a promoted server that was killed is started again on the spot',
    parameters: pair('async'),
    steps: [
      ...quick(),
      killServer('n1'),
      monitor('n1', { exit: 7 }),
      ...transition('demote', 'n1', { exit: 0 }),
      ...transition('stop', 'n1', { exit: 0 }),
      ...transition('start', 'n1', { exit: 1 }),
    ],
  },
  {
    name: 'single: directories that start makes',
    parameters: { logfile: '@node/pg.log' },
    nodes: ['n1'],
    core: true,
    steps: [
      configure('n1', "#stats_temp_directory = '@node/stats'"),
      act('start', 'n1', { exit: 0 }),
      act('stop', 'n1', { exit: 0 }),
    ],
  },
];

export const replication: readonly Scenario[] = [
  lost('async'),
  lost('sync'),
  failover('async', {}),
  failover('sync', {}),
  failover('async', { restart_on_promote: 'true', replication_slot_name: 'slot' }),
  switchover('async'),
  switchover('sync'),
  ...elections,
  ...notices,
  ...matters,
];
