// Where upstream endangers data, hangs or says what is not so, and ours does not: each deviation of that kind, alone.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  act,
  attribute,
  breakTool,
  fault,
  file,
  monitor,
  notify,
  sql,
  transition,
  type Scenario,
  type Step,
} from '../scenario.ts';
import { ask, postmaster } from '../servers.ts';
import { dataFolder, socketFolder, type Side } from '../side.ts';
import { pair } from './golden.ts';
import { quick } from './pairs.ts';

const freeze = (node: string): Step =>
  fault(`the postmaster of ${node} stops responding`, (side) => {
    const pid = postmaster(side, node);
    if (pid !== undefined) process.kill(pid, 'SIGSTOP');
    return Promise.resolve();
  });

/** Clients take every connection, the superusers' too, for as long as the scenario lasts. */
async function occupy(side: Side, node: string): Promise<void> {
  const words = ['-h', socketFolder(side, node), '-U', 'postgres', '-d', 'template1', '-c', 'select pg_sleep(25)'];
  for (let n = 0; n < 34; n++) {
    spawn(`${side.rig.programs}/psql`, words, { stdio: 'ignore' })
      .on('error', () => undefined)
      .unref();
  }
  const full = async () => (await ask(side, node, 'select 1')) === undefined;
  for (let tries = 0; tries < 400 && !(await full()); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
}

const fill = (node: string): Step => fault(`clients take every connection of ${node}`, (side) => occupy(side, node));
const otherPid: Step = fault('the pid file of n1 holds the number of another server', (side) => {
  const other = readFileSync(`${dataFolder(side, 'n2')}/postmaster.pid`, 'utf8').split('\n')[0] ?? '';
  return file('n1', 'data/postmaster.pid', `${other}\n`).run(side);
});

const limited = { OCF_RESKEY_monitor_user: 'watcher', OCF_RESKEY_monitor_password: 'secret' };

export const safety: readonly Scenario[] = [
  {
    name: 'safety: stop of a server that does not respond',
    parameters: {},
    nodes: ['n1'],
    steps: [
      act('start', 'n1', { exit: 0 }),
      freeze('n1'),
      act('stop', 'n1', {
        upstream: 124,
        ours: 0,
        limitMs: 14_000,
        env: { OCF_RESKEY_CRM_meta_timeout: '12000' },
        says: 'stop of a frozen server',
      }),
    ],
    deviates: [{ id: 'D14', where: /^stop of a frozen server · / }],
  },
  {
    name: 'safety: monitor of a primary whose connections are all taken',
    parameters: pair('async'),
    steps: [
      ...transition('start', 'n1', { exit: 0 }),
      ...transition('promote', 'n1', { exit: 0 }),
      fill('n1'),
      monitor('n1', { upstream: 1, ours: 8, says: 'monitor of a full primary' }),
    ],
    deviates: [{ id: 'D15', where: /^monitor of a full primary · exit$/ }],
  },
  {
    name: 'safety: nobody is let into template1',
    parameters: pair('async'),
    steps: [
      ...transition('start', 'n1', { exit: 0 }),
      ...transition('promote', 'n1', { exit: 0 }),
      sql('n1', 'alter database template1 allow_connections false'),
      monitor('n1', { upstream: 1, ours: 8, says: 'monitor without template1' }),
    ],
    deviates: [{ id: 'D55', where: /^monitor without template1 · exit$/ }],
  },
  {
    name: 'safety: start of a living server that cannot be asked',
    parameters: {},
    nodes: ['n1'],
    steps: [
      act('start', 'n1', { exit: 0 }),
      fill('n1'),
      act('start', 'n1', { upstream: 124, ours: 0, limitMs: 8000, says: 'start of a full server' }),
    ],
    deviates: [{ id: 'D17', where: /^start of a full server · (exit|file n1\/data\/postmaster\.pid)$/ }],
  },
  {
    name: 'safety: a pid file with the number of another process',
    parameters: pair('async'),
    steps: [
      ...transition('start', 'n2', { exit: 0 }),
      otherPid,
      monitor('n1', { upstream: 1, ours: 7, says: 'monitor with the number of another process' }),
      act('start', 'n1', { exit: 0 }),
    ],
    deviates: [{ id: 'D22', where: /^monitor with the number of another process · / }],
  },
  {
    name: 'safety: a node_list that names other nodes than the cluster',
    parameters: { ...pair('async'), node_list: 'n1 10.0.0.2' },
    steps: [act('start', 'n1', { upstream: 0, ours: 6, says: 'start with a wrong node_list' })],
    deviates: [{ id: 'D16', where: /^start with a wrong node_list · / }],
  },
  {
    name: 'safety: a monitoring role that may not see the standbys',
    parameters: pair('async'),
    steps: [
      ...quick('n2'),
      sql('n1', 'create role watcher login'),
      attribute('n2', 'master-cfpgsql', '-INFINITY'),
      monitor('n1', { exit: 8, env: limited, says: 'monitor by a blind role' }),
    ],
    deviates: [{ id: 'D18', where: /^monitor by a blind role · (writes|attribute n2 )/ }],
  },
  {
    name: 'safety: post-demote on a node whose server does not run',
    parameters: pair('async'),
    steps: [
      notify(
        'n2',
        { type: 'post', op: 'demote', about: { demote: ['n1'] } },
        { upstream: 124, ours: 0, limitMs: 5000, says: 'post-demote without a server' },
      ),
    ],
    deviates: [{ id: 'D19', where: /^post-demote without a server · / }],
  },
  {
    name: 'safety: Pacemaker does not take attributes',
    parameters: pair('async'),
    steps: [
      breakTool('crm_attribute', true),
      act('start', 'n1', {
        upstream: 124,
        ours: 1,
        limitMs: 12_000,
        env: { OCF_RESKEY_CRM_meta_timeout: '10000' },
        says: 'start without attributes',
      }),
    ],
    deviates: [{ id: 'D20', where: /^start without attributes · / }],
  },
  {
    name: 'safety: a standby without a data-status beside a primary',
    parameters: pair('async'),
    steps: [
      ...quick('n2'),
      attribute('n2', 'cfpgsql-data-status', undefined),
      monitor('n2', { upstream: 124, ours: 0, limitMs: 5000, says: 'monitor without a data-status' }),
    ],
    deviates: [{ id: 'D23', where: /^monitor without a data-status · exit$/ }],
  },
  {
    name: 'safety: promote of a primary whose promotion was interrupted',
    parameters: pair('async', { replication_slot_name: 'slot' }),
    steps: [
      ...quick('n2'),
      attribute('n1', 'cfpgsql-status', 'HS:alone'),
      sql('n1', "select pg_drop_replication_slot('slot_n2') from pg_replication_slots where not active"),
      act('promote', 'n1', { exit: 0, says: 'promote again' }),
    ],
    deviates: [{ id: 'D21', where: /^promote again · (writes|attribute n1 cfpgsql-status|server n1 slots)/ }],
  },
];
