// What outranks the settings of a standby.
import { act, file, monitor, type Scenario } from '../scenario.ts';
import { pair } from './golden.ts';
import { quick } from './pairs.ts';

export const settings: readonly Scenario[] = [
  {
    name: 'async: primary_conninfo in postgresql.auto.conf of a standby',
    parameters: pair('async'),
    steps: [
      ...quick('n2'),
      monitor('n1', { exit: 8 }),
      act('stop', 'n2', { exit: 0 }),
      file('n2', 'data/postgresql.auto.conf', "primary_conninfo = 'host=@side/vip user=postgres'\n"),
      act('start', 'n2', { exit: 0 }),
      monitor('n1', { exit: 8 }),
    ],
    deviates: [{ id: 'D61', where: /^(start on n2|monitor on n1) · /, parts: true }],
  },
];
