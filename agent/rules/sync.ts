// Who is named in synchronous_standby_names. Kept in rep_mode.conf, which the configuration file includes in sync mode.
// https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES
import type { InstanceAnswer, Sender } from '../../lib/postgres/queries.ts';
import { members, type Call } from '../call.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';

/** The line of rep_mode.conf for these standbys, byte for byte as pgsql writes it. */
export function repModeConf(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`).join(', ');
  const value = names.length > 1 ? `FIRST ${names.length} (${quoted})` : quoted;
  return `synchronous_standby_names = '${value}'\n`;
}

/** The names in a rep_mode.conf of ours or pgsql's; undefined if it is something else. */
export function readRepModeConf(text: string): readonly string[] | undefined {
  const value = /^synchronous_standby_names = '([^']*)'\s*$/.exec(text)?.[1];
  return value === undefined ? undefined : [...value.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '');
}

function switchTo(names: readonly string[]): readonly Step[] {
  return [{ do: 'write file', file: 'rep_mode.conf', content: repModeConf(names) }, { do: 'reload server' }];
}

/** True if the server has not read what rep_mode.conf says: a monitor was killed between writing and reloading. */
export function isUnread(answer: InstanceAnswer, snapshot: Snapshot, call: Call): boolean {
  if (call.parameters.rep_mode !== 'sync' || snapshot.syncNames === undefined) return false;
  return repModeConf(snapshot.syncNames) !== `synchronous_standby_names = '${answer.synchronousStandbyNames}'\n`;
}

/** After a streaming standby was found that nobody waits for: the first one becomes the synchronous one. */
export function startWaitingFor(peer: string, snapshot: Snapshot, call: Call): readonly Step[] {
  if (call.parameters.rep_mode !== 'sync' || hasExternal(call)) return [];
  return (snapshot.syncNames ?? []).length === 0 ? switchTo([peer]) : [];
}

/** After a standby was found gone, and this is written in the cluster: commits no longer wait for it. */
export function stopWaitingFor(peer: string, snapshot: Snapshot, call: Call): readonly Step[] {
  if (call.parameters.rep_mode !== 'sync' || hasExternal(call)) return [];
  return snapshot.syncNames?.includes(peer) === true ? switchTo([]) : [];
}

function hasExternal(call: Call): boolean {
  return call.parameters.external_standby_node_list.trim() !== '';
}

/** With standbys outside the cluster: all that stream and are known, in the order in which the server tells them. */
export function waitForKnown(senders: readonly Sender[], snapshot: Snapshot, call: Call): readonly Step[] {
  if (!hasExternal(call)) return [];
  const known = new Set([...members(call), ...call.parameters.external_standby_node_list.split(/\s+/).filter(Boolean)]);
  const streaming = senders.filter((sender) => sender.state === 'STREAMING').map((sender) => sender.applicationName);
  const wanted = streaming.filter((name, index) => known.has(name) && streaming.indexOf(name) === index);
  const current = snapshot.syncNames ?? [];
  const same = wanted.length === current.length && wanted.every((name) => current.includes(name));
  return same ? [] : switchTo(wanted);
}
