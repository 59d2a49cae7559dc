// What scenarios with several nodes begin with.
import { monitor, transition, vip, type Step } from '../scenario.ts';
import { pair } from './golden.ts';

/** The parameters of three nodes. */
export const triple = (mode: string, more: Readonly<Record<string, string>> = {}) => ({
  ...pair(mode, more),
  node_list: 'n1 n2 n3',
});

export const three = ['n1', 'n2', 'n3'];
export const attr = (name: string) => `cfpgsql-${name}`;

/** A primary on n1 with standbys, without the election: the score is there at once. */
export const quick = (...standbys: readonly string[]): Step[] => [
  ...transition('start', 'n1', { exit: 0 }),
  ...transition('promote', 'n1', { exit: 0 }),
  vip('n1'),
  ...standbys.flatMap((node) => transition('start', node, { exit: 0 })),
  monitor('n1', { exit: 8 }),
];

/** Monitors in turn, as time passes. */
export const rounds = (nodes: readonly string[], count: number): Step[] =>
  Array.from({ length: count }, () => nodes.map((n) => monitor(n))).flat();
