// rep_mode=slave, and base backups that are started from: the label in them says where recovery has to begin.
import { act, clone, folder, monitor, probe, sql, vip, type Scenario } from '../scenario.ts';

const standalone = { OCF_RESKEY_rep_mode: 'none' };
const written = 'create table t(i int); insert into t values (1)';

export const slaves: readonly Scenario[] = [
  {
    name: 'slave: a standby of a server outside the cluster',
    parameters: { rep_mode: 'slave', master_ip: '@side/vip', primary_conninfo_opt: 'keepalives=1' },
    core: true,
    steps: [
      act('start', 'n1', { exit: 0, env: standalone }),
      sql('n1', written),
      vip('n1'),
      folder('n2', 'tmp'),
      act('start', 'n2', { exit: 0 }),
      monitor('n2', { exit: 0 }),
      probe('n2', { exit: 0 }),
      act('start', 'n2', { exit: 0 }),
      act('notify', 'n2', { exit: 0 }),
      act('stop', 'n2', { exit: 0 }),
      monitor('n2', { exit: 7 }),
    ],
  },
  {
    name: 'slave: without the directory of the agent',
    parameters: { rep_mode: 'slave', master_ip: '@side/vip' },
    nodes: ['n1'],
    core: true,
    steps: [act('start', 'n1', { upstream: 1, ours: 0, says: 'start without tmpdir' })],
    deviates: [{ id: 'D12', where: /^start without tmpdir · / }],
  },
  {
    name: 'slave: from a base backup',
    parameters: { rep_mode: 'slave', master_ip: '@side/vip' },
    core: true,
    steps: [
      act('start', 'n1', { exit: 0, env: standalone }),
      sql('n1', written),
      clone('n1', 'n2'),
      folder('n2', 'tmp'),
      act('start', 'n2', { exit: 0, says: 'start from a base backup' }),
    ],
    deviates: [{ id: 'D11', where: /^start from a base backup · file n2\/data\/backup_label/ }],
  },
  {
    name: 'single: from a base backup',
    parameters: {},
    core: true,
    steps: [
      act('start', 'n1', { exit: 0 }),
      sql('n1', written),
      clone('n1', 'n2'),
      act('start', 'n2', { exit: 0, says: 'start from a base backup' }),
    ],
    deviates: [{ id: 'D11', where: /^start from a base backup · (file n2\/data\/backup_label|server n2 timeline)/ }],
  },
];
