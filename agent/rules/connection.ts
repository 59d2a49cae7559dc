// How a standby reaches its primary: once as recovery.conf has it, once taken apart for a service file.
import { conninfoValue, readConninfo, type Conninfo } from '../../lib/postgres/conninfo.ts';
import type { Call } from '../call.ts';

/** In the order and form of pgsql. */
export function primaryConninfo(call: Call): string {
  const p = call.parameters;
  const [host, user, name] = [p.master_ip, p.repuser, call.node].map(conninfoValue);
  const fixed = `host=${host} port=${p.pgport} user=${user} application_name=${name}`;
  const passfile = p.passfile === '' ? '' : ` passfile=${conninfoValue(p.passfile)}`;
  return `${fixed} ${p.primary_conninfo_opt}${passfile}`;
}

/** The same, except for the name: who only asks must not count as this node's standby. */
export function connectionTo(call: Call): Conninfo {
  return { connect_timeout: '5', ...readConninfo(primaryConninfo(call)), application_name: 'cfpgsql' };
}

/** The name of a node's replication slot, as pgsql makes it. */
export function slotName(node: string, call: Call): string {
  return `${call.parameters.replication_slot_name}_${node.toLowerCase().replace(/[.-]/g, '_')}`;
}
