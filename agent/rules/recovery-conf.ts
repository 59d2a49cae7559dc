// recovery.conf: the standby's settings, in the order and form of pgsql.
import type { Call } from '../call.ts';
import { primaryConninfo, slotName } from './connection.ts';

/** A setting's value between quotes. https://www.postgresql.org/docs/current/config-setting.html */
function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** Of this node's slot; empty: it has none. */
export function primarySlotName(call: Call): string {
  return call.parameters.replication_slot_name === '' ? '' : slotName(call.node, call);
}

export function recoveryConf(call: Call): string {
  const p = call.parameters;
  const optional: readonly (readonly [string, string])[] = [
    ['archive_cleanup_command', p.archive_cleanup_command],
    ['recovery_end_command', p.recovery_end_command],
    ['primary_slot_name', primarySlotName(call)],
  ];
  const lines = [
    `primary_conninfo = ${quoted(primaryConninfo(call))}`,
    `restore_command = ${quoted(p.restore_command)}`,
    `recovery_target_timeline = 'latest'`,
    ...optional.filter(([, value]) => value !== '').map(([name, value]) => `${name} = ${quoted(value)}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
