// Replication slots: made, kept and given up.
import { act, join_, file, monitor, sql, transition, vip, work, leave, type Scenario } from '../scenario.ts';
import { pair } from './golden.ts';
import { quick, rounds } from './pairs.ts';

export const slots: readonly Scenario[] = [
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
    name: 'async: a slot that was made before the promotion',
    parameters: pair('async', { replication_slot_name: 'slot' }),
    steps: [
      ...transition('start', 'n1', { exit: 0 }),
      sql('n1', "select pg_create_physical_replication_slot('slot_n2', true)"),
      ...transition('promote', 'n1', { exit: 0 }),
      // what is left are the slots that keep no WAL
      sql('n1', 'select pg_drop_replication_slot(slot_name) from pg_replication_slots where restart_lsn is not null'),
    ],
    deviates: [{ id: 'D31', where: /^n1: select pg_drop_replication_slot.* · server n1 slots$/ }],
  },
  {
    name: 'async: a slot that was given up',
    parameters: pair('async', {
      replication_slot_name: 'slot',
      start_opt: '-c max_slot_wal_keep_size=1MB -c wal_keep_size=0',
    }),
    steps: [
      ...quick('n2'),
      monitor('n1', { exit: 8 }),
      act('stop', 'n2', { exit: 0 }),
      work('n1'),
      ...[1, 2, 3].map(() => sql('n1', 'create temp table w as select 1; select pg_switch_wal()')),
      sql('n1', 'checkpoint'),
      monitor('n1', { exit: 8 }),
      // what is left are the slots that a standby can stream from
      sql('n1', "select pg_drop_replication_slot(slot_name) from pg_replication_slots where wal_status = 'lost'"),
    ],
    deviates: [{ id: 'D32', where: /^n1: select pg_drop_replication_slot.* · server n1 slots$/ }],
  },
  {
    name: 'async: a slot that was dropped by hand',
    parameters: pair('async', { replication_slot_name: 'slot' }),
    core: true,
    steps: [
      ...quick('n2'),
      monitor('n1', { exit: 8 }),
      act('stop', 'n2', { exit: 0 }),
      sql('n1', "select pg_drop_replication_slot('slot_n2')"),
      monitor('n1', { exit: 8 }),
    ],
    deviates: [{ id: 'D50', where: /^monitor on n1 · server n1 slots$/ }],
  },
  {
    name: 'async: a slot that cannot be made',
    parameters: pair('async', { replication_slot_name: 'slot', start_opt: '-c max_replication_slots=1' }),
    steps: [
      ...transition('start', 'n1', { exit: 0 }),
      sql('n1', "select pg_create_physical_replication_slot('other')"),
      act('promote', 'n1', { ours: 0, upstream: 1 }),
    ],
    deviates: [{ id: 'D51', where: /^promote on n1 · / }],
  },
  {
    name: 'async: slot names that cannot be',
    parameters: pair('async', { replication_slot_name: 'a'.repeat(61) }),
    steps: [act('start', 'n1', { ours: 6, upstream: 124, limitMs: 8000 })],
    deviates: [{ id: 'D52', where: /^start on n1 · / }],
  },
];
