// The twelve actions that matter most, each with what comes before it.
import { act, monitor, probe, sql, transition, vip, type Step } from '../differential/scenario.ts';
import { pair } from '../differential/scenarios/golden.ts';

export type Case = {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly before: readonly Step[];
  /** The action that is interrupted: what it is called with. */
  readonly action: string;
  readonly node: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Facts that a second call may leave otherwise, and why that is right. */
  readonly free?: RegExp;
};

const primary: readonly Step[] = [act('start', 'n1'), act('promote', 'n1'), vip('n1')];
const both: readonly Step[] = [...primary, act('start', 'n2')];
const slots = { replication_slot_name: 'slot' };

const notice = (type: string, operation: string, names: Readonly<Record<string, string>>) => {
  const env: Record<string, string> = {
    OCF_RESKEY_CRM_meta_notify_type: type,
    OCF_RESKEY_CRM_meta_notify_operation: operation,
  };
  for (const [key, value] of Object.entries(names)) env[`OCF_RESKEY_CRM_meta_notify_${key}_uname`] = value;
  return env;
};

// A round of the election that was killed after its last step and is called again counts as the next round.
const rounds = /xlog_note/;

export const cases: readonly Case[] = [
  { name: 'start without replication', parameters: {}, before: [], action: 'start', node: 'n1' },
  { name: 'stop without replication', parameters: {}, before: [act('start', 'n1')], action: 'stop', node: 'n1' },
  { name: 'start of a standby', parameters: pair('async', slots), before: [...primary], action: 'start', node: 'n2' },
  { name: 'start in mode sync', parameters: pair('sync'), before: [probe('n1')], action: 'start', node: 'n1' },
  {
    name: 'monitor that decides an election',
    parameters: pair('async', { xlog_check_count: '1' }),
    before: [act('start', 'n1'), monitor('n1')],
    action: 'monitor',
    node: 'n1',
    free: rounds,
  },
  {
    name: 'monitor of a primary that finds a standby, in mode sync',
    parameters: pair('sync'),
    before: both,
    action: 'monitor',
    node: 'n1',
  },
  { name: 'promote', parameters: pair('async', slots), before: [act('start', 'n1')], action: 'promote', node: 'n1' },
  {
    name: 'promote by a restart',
    parameters: pair('async', { restart_on_promote: 'true' }),
    before: [act('start', 'n1')],
    action: 'promote',
    node: 'n1',
  },
  {
    name: 'demote of a primary that is alone',
    parameters: pair('async'),
    before: primary,
    action: 'demote',
    node: 'n1',
    env: { OCF_RESKEY_CRM_meta_notify_slave_uname: ' ' },
    // A demote that was killed and a primary that crashed look the same: the lock stays, as after a crash.
    free: /PGSQL\.lock/,
  },
  {
    name: 'stop of a primary, in mode sync',
    parameters: pair('sync'),
    before: [...both, monitor('n1')],
    action: 'stop',
    node: 'n1',
  },
  {
    name: 'notification that a standby has started',
    parameters: pair('async'),
    before: both,
    action: 'notify',
    node: 'n1',
    env: notice('post', 'start', { start: 'n2', master: 'n1' }),
  },
  {
    name: 'notification that the other node was promoted',
    parameters: pair('async'),
    before: [...transition('start', 'n2'), monitor('n2'), ...primary, sql('n1', 'select 1')],
    action: 'notify',
    node: 'n2',
    env: notice('post', 'promote', { promote: 'n1' }),
  },
];
