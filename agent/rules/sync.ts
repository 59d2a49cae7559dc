// Who is named in synchronous_standby_names. Kept in rep_mode.conf, which the configuration file includes in sync mode.
// https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES
import type { InstanceAnswer, Sender } from '../../lib/postgres/queries.ts';
import type { Call } from '../call.ts';
import type { Context } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';

/** The line of rep_mode.conf for these standbys, byte for byte as pgsql writes it; with `any`, a quorum of so many. */
export function repModeConf(names: readonly string[], any = 0): string {
  const quoted = names.map((name) => `"${name}"`).join(', ');
  const first = names.length > 1 ? `FIRST ${names.length} (${quoted})` : quoted;
  const value = any > 0 && names.length > 0 ? `ANY ${Math.min(any, names.length)} (${quoted})` : first;
  return `synchronous_standby_names = '${value}'\n`;
}

/** The names in a rep_mode.conf of ours or pgsql's; undefined if it is something else. */
export function readRepModeConf(text: string): readonly string[] | undefined {
  const value = /^synchronous_standby_names = '([^']*)'\s*$/.exec(text)?.[1];
  return value === undefined ? undefined : [...value.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '');
}

export function namesOf(snapshot: Snapshot): readonly string[] {
  return snapshot.syncNames ?? [];
}

/** How many of so many named standbys have to have a commit before it is acknowledged. */
export function needed(named: number, call: Call): number {
  const any = call.parameters.synchronous_standbys;
  return any === 0 ? named : Math.min(any, named);
}

export function switchTo(names: readonly string[], call: Call): readonly Step[] {
  const content = repModeConf(names, call.parameters.synchronous_standbys);
  return [{ do: 'write file', file: 'rep_mode.conf', content }, { do: 'reload server' }];
}

/** True if the server has not read what rep_mode.conf says: a monitor was killed between writing and reloading. */
export function isUnread(answer: InstanceAnswer, snapshot: Snapshot, call: Call): boolean {
  if (call.parameters.rep_mode !== 'sync' || snapshot.syncNames === undefined) return false;
  const inForce = `synchronous_standby_names = '${answer.synchronousStandbyNames}'\n`;
  return repModeConf(snapshot.syncNames, call.parameters.synchronous_standbys) !== inForce;
}

/**
 * True if commits are sure to wait for whom rep_mode.conf names. A new connection shows what the postmaster has read and
 * passed on, but backends go by what the checkpointer has made of it (syncrep.c, SyncRepUpdateSyncStandbysDefined).
 */
export function isInForce(answer: InstanceAnswer, { snapshot, call }: Context): boolean {
  return !isUnread(answer, snapshot, call) && answer.checkpointerIdle;
}

/** True if one more standby may be named: pgsql names one, a quorum all. */
export function hasRoom(snapshot: Snapshot, call: Call): boolean {
  return call.parameters.synchronous_standbys > 0 || namesOf(snapshot).length === 0;
}

export function hasExternal(call: Call): boolean {
  return call.parameters.external_standby_node_list.trim() !== '';
}

/** The names of all standbys that the resource's parameters name, in the cluster and outside. */
export function knownStandbys(call: Call): ReadonlySet<string> {
  return new Set([...call.members, ...call.parameters.external_standby_node_list.split(/\s+/).filter(Boolean)]);
}

/**
 * With standbys outside the cluster: all that stream and are known, in the order in which the server tells them, and those
 * of `kept`, which do not stream but may not be left. One outside is never promoted, so it is left at once.
 */
export function waitForKnown(
  senders: readonly Sender[],
  kept: readonly string[],
  { snapshot, call }: Context,
): readonly Step[] {
  if (!hasExternal(call)) return [];
  const known = knownStandbys(call);
  const streaming = senders.filter((sender) => sender.state === 'STREAMING').map((sender) => sender.applicationName);
  const wanted = [...new Set([...streaming.filter((name) => known.has(name)), ...kept])];
  const current = namesOf(snapshot);
  const same = wanted.length === current.length && wanted.every((name) => current.includes(name));
  return same ? [] : switchTo(wanted, call);
}
