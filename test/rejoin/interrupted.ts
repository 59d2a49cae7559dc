// A rejoin on real servers, killed at every step and called again.
import type { Case } from '../executable/cases.ts';
import {
  act,
  configure,
  join_,
  leave,
  monitor,
  ownConfiguration,
  vip,
  work,
  type Step,
} from '../differential/scenario.ts';
import { pair } from '../differential/scenarios/golden.ts';

/** n1 has WAL that n2, the primary, never got. */
const diverged: readonly Step[] = [
  ...['n1', 'n2'].flatMap((node) => [configure(node, 'full_page_writes = on'), ownConfiguration(node)]),
  ...[act('start', 'n1'), act('promote', 'n1'), vip('n1'), act('start', 'n2'), monitor('n1')],
  ...[act('stop', 'n2'), work('n1'), leave('n1'), vip(undefined)],
  ...[act('start', 'n2'), act('promote', 'n2'), vip('n2'), work('n2'), join_('n1')],
];

const ofOne = (way: 'rewind' | 'clone'): Case => ({
  name: `start of a diverged former primary, rejoin=${way}`,
  parameters: pair('async', { rejoin: way, config: '@node/postgresql.conf' }),
  before: diverged,
  action: 'start',
  node: 'n1',
});

export const rejoins: readonly Case[] = [ofOne('rewind'), ofOne('clone')];
