// All drills in the order in which they are played: from harmless to harmful, and fencing before what depends on it. Pure.
import type { Drill } from './drill.ts';
import { failures } from './failures.ts';
import { machines } from './machines.ts';
import { network } from './network.ts';
import { planned } from './planned.ts';

const order = [
  'replication', 'archive', 'switchover', 'vip', 'standby', 'fence', 'stop', 'crash', 'agent', 'power', 'reboot',
  'partition', 'fence-unreachable', 'freeze', 'restart', 'disk', 'load', 'panic',
] as const; // prettier-ignore

const known = new Map([...planned, ...failures, ...machines, ...network].map((drill) => [drill.name, drill]));

export const drills: readonly Drill[] = order.flatMap((name) => known.get(name) ?? []);

/** The ones that were asked for, in our order; all, if none was. An unknown name is an error of the caller. */
export function chosen(names: readonly string[]): readonly Drill[] | { readonly unknown: string } {
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) return { unknown };
  return names.length === 0 ? drills : drills.filter(({ name }) => names.includes(name));
}
