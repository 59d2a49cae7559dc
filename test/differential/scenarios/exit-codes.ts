// The table of exit codes (version 4.12 against HEAD): each row alone, on a fresh node. `upstream` is what 4.12 answers
// and is measured here; where HEAD answers otherwise, ours follows HEAD: `ours`, deviation D04.
import {
  act,
  cannotAsk,
  configure,
  file,
  folder,
  forbid,
  killServer,
  monitor,
  probe,
  type Scenario,
  type Step,
} from '../scenario.ts';
import type { Deviation } from '../compare.ts';
import { pair } from './golden.ts';

type Row = {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly parameters?: Readonly<Record<string, string>>;
  readonly deviates?: readonly Deviation[];
};

const key = (name: string, value: string) => ({ [`OCF_RESKEY_${name}`]: value });
const noPgctl = key('pgctl', '/no/such/pg_ctl');
const missing = { OCF_RESKEY_config: '@node/data/missing.conf' };
const running = [act('start', 'n1', { exit: 0 })];

const head = (says: string, parts = false): Deviation => ({ id: 'D04', where: new RegExp(`^${says} · `), parts });

const single: readonly Row[] = [
  {
    name: 'a stopped server',
    steps: [probe('n1', { exit: 7 }), monitor('n1', { exit: 7 }), act('status', 'n1', { exit: 7 })],
  },
  {
    name: 'start and stop, both twice',
    steps: [
      act('start', 'n1', { exit: 0 }),
      act('start', 'n1', { exit: 0 }),
      monitor('n1', { exit: 0 }),
      probe('n1', { exit: 0 }),
      act('status', 'n1', { exit: 0 }),
      act('stop', 'n1', { exit: 0 }),
      act('stop', 'n1', { exit: 0 }),
    ],
  },
  {
    name: 'a query that fails, a database and a role that do not exist',
    steps: [
      ...running,
      monitor('n1', { exit: 1, env: key('monitor_sql', 'select nonsense') }),
      monitor('n1', { exit: 0, env: key('monitor_sql', "select 'it''s'") }),
      monitor('n1', { exit: 1, env: key('pgdb', 'nowhere') }),
      monitor('n1', { exit: 1, env: { ...key('monitor_user', 'nobody'), ...key('monitor_password', 'x') } }),
    ],
  },
  {
    name: 'promote and demote without replication',
    steps: [
      act('promote', 'n1', { upstream: 6, ours: 3 }),
      ...running,
      act('demote', 'n1', { upstream: 6, ours: 3 }),
      act('notify', 'n1', { exit: 0 }),
    ],
    deviates: [{ id: 'D05', where: /^(promote|demote) on n1 · exit$/ }],
  },
  {
    name: 'actions that do not exist',
    steps: [act('reload', 'n1', { exit: 3 }), act('dance', 'n1', { exit: 3 }), act('', 'n1', { exit: 1 })],
  },
  {
    name: 'validate-all of a good configuration',
    steps: [
      act('validate-all', 'n1', { exit: 0 }),
      act('validate-all', 'n1', { exit: 0, env: { OCF_CHECK_LEVEL: '10' } }),
    ],
  },
  {
    name: 'pg_ctl is missing and the server runs',
    steps: [
      ...running,
      act('start', 'n1', { exit: 5, env: noPgctl }),
      monitor('n1', { upstream: 7, ours: 5, env: noPgctl, says: 'monitor without pg_ctl' }),
      probe('n1', { upstream: 7, ours: 5, env: noPgctl, says: 'probe without pg_ctl' }),
      act('stop', 'n1', { upstream: 0, ours: 0, env: noPgctl, says: 'stop without pg_ctl' }),
    ],
    deviates: [
      head('(monitor|probe) without pg_ctl'),
      { id: 'D06', where: /^stop without pg_ctl · (server|file n1\/data\/postmaster)/, parts: true },
    ],
  },
  {
    name: 'the configuration file is missing and the server runs',
    steps: [
      ...running,
      monitor('n1', { upstream: 7, ours: 5, env: missing, says: 'monitor without configuration' }),
      probe('n1', { exit: 0, env: missing }),
      act('stop', 'n1', { upstream: 0, ours: 0, env: missing, says: 'stop without configuration' }),
    ],
    deviates: [
      head('monitor without configuration'),
      { id: 'D06', where: /^stop without configuration · (server|file n1\/data\/postmaster)/, parts: true },
    ],
  },
  {
    name: 'the configuration file is missing and the server does not run',
    steps: [act('start', 'n1', { exit: 5, env: missing }), probe('n1', { exit: 7, env: missing })],
  },
  {
    name: 'the user of the server does not exist',
    steps: [
      act('start', 'n1', { exit: 5, env: key('pgdba', 'no_user') }),
      act('stop', 'n1', { exit: 0, env: key('pgdba', 'no_user') }),
      monitor('n1', { exit: 7, env: key('pgdba', 'no_user') }),
    ],
  },
  { name: 'a user that cannot write the data', steps: [act('start', 'n1', { exit: 4, env: key('pgdba', 'nobody') })] },
  {
    name: 'socketdir is not given and the configuration has one',
    steps: [
      ...running,
      monitor('n1', { upstream: 7, ours: 6, env: key('socketdir', ''), says: 'monitor without socketdir' }),
      act('stop', 'n1', { upstream: 0, ours: 0, env: key('socketdir', ''), says: 'stop without socketdir' }),
    ],
    deviates: [
      head('monitor without socketdir'),
      { id: 'D06', where: /^stop without socketdir · (server|file n1\/data\/postmaster)/, parts: true },
    ],
  },
  {
    name: 'a monitoring user without a password, and the reverse',
    steps: [
      ...running,
      monitor('n1', { upstream: 7, ours: 0, env: key('monitor_user', 'postgres'), says: 'monitor without password' }),
      monitor('n1', { exit: 7, env: key('monitor_password', 'secret') }),
    ],
    deviates: [head('monitor without password')],
  },
  {
    name: 'a log file that cannot be written',
    steps: [act('start', 'n1', { exit: 4, env: key('logfile', '/no/such/place/pg.log') })],
  },
  {
    name: 'a log file of somebody else’s',
    steps: [
      file('n1', 'other.log', ''),
      forbid('n1', 'other.log'),
      act('start', 'n1', { exit: 4, env: key('logfile', '@node/other.log') }),
    ],
  },
  {
    name: 'a socket directory of somebody else’s',
    steps: [
      folder('n1', 'other'),
      forbid('n1', 'other'),
      act('start', 'n1', { exit: 4, env: key('socketdir', '@node/other') }),
    ],
  },
  {
    name: 'a socket directory that cannot be made',
    steps: [file('n1', 'pg.log', ''), act('start', 'n1', { exit: 4, env: key('socketdir', '@node/pg.log/sock') })],
  },
  {
    name: 'a server that dies while it starts',
    steps: [
      configure('n1', "shared_preload_libraries = 'no_such_library'"),
      act('start', 'n1', { upstream: 124, ours: 1, limitMs: 6000, says: 'start of a server that dies' }),
    ],
    deviates: [{ id: 'D07', where: /^start of a server that dies · / }],
  },
  {
    name: 'a server that was killed',
    steps: [...running, killServer('n1'), monitor('n1', { exit: 7 }), act('stop', 'n1', { exit: 0 }), ...running],
  },
];

const replicated: readonly Row[] = [
  {
    name: 'a clone that is not promotable',
    parameters: pair('async'),
    steps: [
      act('start', 'n1', {
        exit: 6,
        env: { OCF_RESKEY_CRM_meta_promotable: 'false', OCF_RESKEY_CRM_meta_master_max: '0' },
      }),
      act('stop', 'n1', {
        exit: 0,
        env: { OCF_RESKEY_CRM_meta_promotable: 'false', OCF_RESKEY_CRM_meta_master_max: '0' },
      }),
    ],
    // Upstream has appended its include line before it looks at the clone; at stop it writes UNKNOWN instead of STOP.
    deviates: [
      { id: 'D01', where: /^start on n1 · file n1\/data\/postgresql\.conf$/ },
      { id: 'D06', where: /^stop on n1 · / },
    ],
  },
  {
    name: 'pg_ctl is missing in a replication mode',
    parameters: pair('async'),
    steps: [
      ...running,
      act('stop', 'n1', { upstream: 124, ours: 0, env: noPgctl, limitMs: 5000, says: 'stop without pg_ctl' }),
    ],
    deviates: [{ id: 'D06', where: /^stop without pg_ctl · /, parts: true }],
  },
  {
    name: 'the lock keeps a former primary out',
    parameters: pair('async'),
    steps: [file('n1', 'tmp/PGSQL.lock', ''), act('start', 'n1', { exit: 1, ...cannotAsk })],
    deviates: [{ id: 'D01', where: /^start on n1 · file n1\/pg\.log owner and mode$/ }],
  },
  {
    name: 'start of a standby that runs already',
    parameters: pair('async'),
    steps: [...running, act('start', 'n1', { upstream: 1, ours: 0, says: 'start again' })],
    deviates: [{ id: 'D08', where: /^start again · /, parts: true }],
  },
  {
    name: 'start of a primary that runs already',
    parameters: pair('async'),
    steps: [
      ...running,
      act('promote', 'n1', { exit: 0 }),
      act('start', 'n1', { exit: 1, says: 'start of a running primary' }),
    ],
    deviates: [{ id: 'D09', where: /^start of a running primary · /, parts: true }],
  },
  {
    name: 'a configuration that names synchronous standbys',
    parameters: pair('async'),
    steps: [configure('n1', "synchronous_standby_names = 'n2'"), act('start', 'n1', { exit: 6 })],
    deviates: [{ id: 'D60', where: /^start on n1 · (file n1\/data\/postmaster\.pid|server n1 \w+)$/ }],
  },
  {
    name: 'promote of a stopped server, and of a primary',
    parameters: pair('async'),
    steps: [
      act('promote', 'n1', { exit: 1 }),
      ...running,
      act('promote', 'n1', { exit: 0 }),
      act('promote', 'n1', { exit: 0 }),
      monitor('n1', { exit: 8 }),
      act('status', 'n1', { exit: 0 }),
    ],
    deviates: [{ id: 'D01', where: /^promote on n1 · file n1\/(data\/postgresql\.conf|tmp owner and mode)$/ }],
  },
  {
    name: 'demote of a stopped server, of a standby and of a primary',
    parameters: pair('async'),
    steps: [
      act('demote', 'n1', { exit: 0 }),
      ...running,
      act('demote', 'n1', { exit: 0 }),
      monitor('n1', { exit: 7 }),
      ...running,
      act('promote', 'n1', { exit: 0 }),
      act('demote', 'n1', { exit: 0 }),
      monitor('n1', { exit: 7 }),
      act('stop', 'n1', { exit: 0 }),
    ],
  },
  {
    name: 'values that are wrong in a replication mode',
    parameters: pair('async'),
    steps: [
      act('start', 'n1', { exit: 6, env: key('master_ip', ''), says: 'start without master_ip' }),
      act('start', 'n1', { exit: 6, env: key('node_list', ''), says: 'start without node_list' }),
      act('start', 'n1', { exit: 6, env: key('rep_mode', 'both'), says: 'start with rep_mode=both' }),
      act('start', 'n1', {
        exit: 6,
        env: key('replication_slot_name', 'Slot-1'),
        says: 'start with a wrong slot name',
      }),
      act('validate-all', 'n1', { exit: 0, says: 'validate-all' }),
    ],
    // Upstream has by then appended its include line and made tmpdir.
    deviates: [{ id: 'D01', where: /· file n1\/(data\/postgresql\.conf|tmp owner and mode)$/ }],
  },
  {
    name: 'slave outside and inside a promotable clone',
    parameters: { rep_mode: 'slave', master_ip: '@side/vip' },
    steps: [
      act('start', 'n1', {
        exit: 6,
        env: { OCF_RESKEY_CRM_meta_promotable: 'true' },
        says: 'start in a promotable clone',
      }),
    ],
    deviates: [{ id: 'D01', where: /· file n1\/data\/postgresql\.conf$/ }],
  },
];

const scenario = (mode: string, { name, steps, parameters, deviates }: Row): Scenario => ({
  name: `table, ${mode}: ${name}`,
  parameters: parameters ?? {},
  nodes: parameters?.['node_list'] === undefined ? ['n1'] : ['n1', 'n2'],
  steps,
  core: true,
  ...(deviates === undefined ? {} : { deviates }),
});

export const exitCodes: readonly Scenario[] = [
  ...single.map((row) => scenario('single', row)),
  ...replicated.map((row) => scenario('replicated', row)),
];
