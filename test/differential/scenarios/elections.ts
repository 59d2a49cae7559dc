// Who is promoted when no primary is left, and what notifications do.
import { attribute, file, leave, monitor, notify, transition, vip, work, type Scenario } from '../scenario.ts';
import { pair } from './golden.ts';
import { attr, quick, rounds, three, triple } from './pairs.ts';

export const elections: readonly Scenario[] = [
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

export const notices: readonly Scenario[] = [
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
