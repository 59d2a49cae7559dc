// The life of a pair, from the first start to the failover and back, in the modes async and sync.
import {
  act,
  attribute,
  cannotAsk,
  file,
  killServer,
  leave,
  monitor,
  probe,
  transition,
  vip,
  work,
  type Scenario,
  type Step,
} from '../scenario.ts';

/** The parameters of a pair. */
export const pair = (mode: string, more: Readonly<Record<string, string>> = {}) => ({
  rep_mode: mode,
  node_list: 'n1 n2',
  master_ip: '@side/vip',
  ...more,
});

/** n1 becomes primary after an election, n2 follows it. */
export const bringUp = (): Step[] => [
  ...transition('start', 'n1', { exit: 0 }),
  monitor('n1', { exit: 0 }),
  monitor('n1'),
  monitor('n1'),
  monitor('n1'),
  ...transition('promote', 'n1', { exit: 0 }),
  vip('n1'),
  monitor('n1', { exit: 8 }),
  ...transition('start', 'n2', { exit: 0 }),
  monitor('n2', { exit: 0 }),
  monitor('n1', { exit: 8 }),
];

const life = (mode: string): Scenario => ({
  name: `${mode}: the life of a pair`,
  parameters: pair(mode),
  core: true,
  steps: [
    probe('n1', { exit: 7 }),
    probe('n2', { exit: 7 }),
    ...bringUp(),
    monitor('n1', { exit: 8 }),
    probe('n1', { exit: 8 }),
    probe('n2', { exit: 0 }),
    work('n1'),
    ...transition('stop', 'n2', { exit: 0 }),
    monitor('n1', { exit: 8 }),
    ...transition('start', 'n2', { exit: 0 }),
    monitor('n1', { exit: 8 }),
    killServer('n2'),
    monitor('n2', { exit: 7 }),
    monitor('n1', { exit: 8 }),
    act('stop', 'n2', { exit: 0 }),
    ...transition('start', 'n2', { exit: 0 }),
    monitor('n1', { exit: 8 }),
    // Failover.
    killServer('n1'),
    monitor('n1', { exit: 7 }),
    ...transition('demote', 'n1', { exit: 0 }),
    ...transition('stop', 'n1', { exit: 0 }),
    ...transition('promote', 'n2', { exit: 0 }),
    vip('n2'),
    monitor('n2', { exit: 8 }),
    monitor('n2', { exit: 8 }),
    // The lock keeps the former primary out until somebody removes it.
    ...transition('start', 'n1', { exit: 1, ...cannotAsk }),
    act('stop', 'n1', { exit: 0 }),
    file('n1', 'tmp/PGSQL.lock', undefined),
    ...transition('start', 'n1', { exit: 0 }),
    monitor('n1', { exit: 0 }),
    monitor('n2', { exit: 8 }),
    monitor('n2', { exit: 8 }),
    leave('n1'),
    monitor('n2', { exit: 8 }),
    attribute('n2', 'cfpgsql-status', undefined),
    monitor('n2', { exit: 8 }),
    ...transition('demote', 'n2', { exit: 0 }),
    ...transition('stop', 'n2', { exit: 0 }),
    probe('n2', { exit: 7 }),
  ],
});

export const golden: readonly Scenario[] = [life('async'), life('sync')];
