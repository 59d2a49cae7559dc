// What must be true of the parameters and of this machine before an action, in the order and with the exit codes of
// pgsql's HEAD. It changes nothing: what pgsql prepares while validating, start does here.
import type { Exit } from '../../meta/exits.ts';
import type { User } from '../../lib/host/identity.ts';
import { replicates, type Call } from '../call.ts';
import type { Reason } from '../reasons.ts';
import { slotObjection } from './slots.ts';

/** What validation knows of this machine. */
export type Machine = {
  readonly user: User | undefined;
  readonly callerUid: number;
  readonly isProgram: (file: string) => boolean;
  /** The text of the configuration file; undefined if there is none. */
  readonly configText: string | undefined;
  readonly dataWritable: boolean;
  /** This node is being made a standby again, or may have to be: the data, and a configuration in them, may be missing. */
  readonly rejoins: () => boolean;
  /** True if the file belongs to pgdba and nobody else may read it. */
  readonly isPrivate: (file: string) => boolean;
  /** The other resource whose directory tmpdir is; undefined: none. */
  readonly tmpdirOwner: string | undefined;
  /** The content of PG_VERSION; undefined before initdb. */
  readonly dataVersion: string | undefined;
};

export type Verdict = { readonly exit: Exit; readonly reason: Reason };
type Check = (call: Call, machine: Machine) => Verdict | undefined;

const fail = (exit: Exit, reason: Reason): Verdict => ({ exit, reason });

/** Of every action, and of validate-all at any level. */
const basic: readonly Check[] = [
  (call, { user }) =>
    user === undefined ? fail('installed', { code: 'NO_SUCH_USER', user: call.parameters.pgdba }) : undefined,
  ({ parameters: p }) =>
    p.monitor_password !== '' && p.monitor_user === ''
      ? fail('configured', { code: 'PASSWORD_WITHOUT_USER' })
      : undefined,
];

const program =
  (parameter: 'pgctl' | 'psql'): Check =>
  ({ parameters }, { isProgram }) =>
    isProgram(parameters[parameter])
      ? undefined
      : fail('installed', { code: 'PROGRAM_MISSING', parameter, file: parameters[parameter] });

const configThere: Check = ({ parameters, probe }, { configText, rejoins }) =>
  configText === undefined && !probe && !(parameters.config.startsWith(`${parameters.pgdata}/`) && rejoins())
    ? fail('installed', { code: 'CONFIG_MISSING', file: parameters.config })
    : undefined;

const socketdir: Check = ({ parameters }, { configText }) =>
  /^\s*unix_socket_director(?:y|ies)\s*=/m.test(configText ?? '') && parameters.socketdir === ''
    ? fail('configured', { code: 'SOCKETDIR_REQUIRED', file: parameters.config })
    : undefined;

const dataWritable: Check = ({ parameters, probe }, machine) =>
  probe || machine.dataWritable || machine.rejoins()
    ? undefined
    : fail('permission', { code: 'DATA_NOT_WRITABLE', directory: parameters.pgdata, user: parameters.pgdba });

const streams = (call: Call): boolean => replicates(call) || call.parameters.rep_mode === 'slave';

/** The oldest version whose programs do what the agent needs: pg_waldump of 12 has no --quiet, so no former primary is proven. */
const oldestVersion = 13;

const version: Check = (call, { dataVersion }) => {
  const major = Number.parseInt(dataVersion ?? '', 10);
  return streams(call) && dataVersion !== undefined && !(major >= oldestVersion)
    ? fail('installed', { code: 'VERSION_UNSUPPORTED', found: dataVersion.trim() })
    : undefined;
};

const masterIp: Check = (call) =>
  streams(call) && call.parameters.master_ip === '' ? fail('configured', { code: 'MASTER_IP_REQUIRED' }) : undefined;

const repMode: Check = (call) => {
  const mode = call.parameters.rep_mode;
  if (!['none', 'async', 'sync', 'slave'].includes(mode)) return fail('configured', { code: 'REP_MODE_UNKNOWN', mode });
  if (replicates(call) && !call.promotable) return fail('configured', { code: 'NOT_PROMOTABLE_CLONE', mode });
  return mode === 'slave' && call.promotable ? fail('configured', { code: 'PROMOTABLE_SLAVE' }) : undefined;
};

const external: Check = ({ parameters: p }) => {
  if (p.external_standby_node_list.trim() === '') return undefined;
  if (p.rep_mode !== 'sync') return fail('configured', { code: 'EXTERNAL_NEEDS_SYNC' });
  // One that confirms a commit alone is never promoted, and no election counts on it.
  return p.synchronous_standbys > 0 ? fail('configured', { code: 'EXTERNAL_NO_QUORUM' }) : undefined;
};

const demoteTo: Check = ({ parameters: p }) =>
  ['stopped', 'standby'].includes(p.demote_to)
    ? undefined
    : fail('configured', { code: 'DEMOTE_TO_UNKNOWN', value: p.demote_to });

const nodeList: Check = (call) => {
  if (!replicates(call)) return undefined;
  if (call.members.length === 0) return fail('configured', { code: 'NODE_LIST_REQUIRED' });
  return call.members.includes(call.node)
    ? undefined
    : fail('configured', { code: 'NODE_NOT_LISTED', node: call.node, list: call.parameters.node_list });
};

const passfile: Check = ({ parameters: p, probe }, { isPrivate }) =>
  probe || p.passfile === '' || isPrivate(p.passfile)
    ? undefined
    : fail('installed', { code: 'PASSFILE_UNUSABLE', file: p.passfile, user: p.pgdba });

const slots: Check = ({ parameters: p }) =>
  /^[a-z0-9_]*$/.test(p.replication_slot_name)
    ? undefined
    : fail('configured', { code: 'SLOT_NAME_WRONG', name: p.replication_slot_name });

const slotNames: Check = (call) => {
  const objection = replicates(call) ? slotObjection(call) : undefined;
  const name = call.parameters.replication_slot_name;
  return objection && fail('configured', { code: 'SLOT_NAMES_WRONG', name, ...objection });
};

/** What runs goes on: only a start is refused. */
const tmpdirOwn = (call: Call, { tmpdirOwner: owner }: Machine): Verdict | undefined => {
  const { tmpdir } = call.parameters;
  return owner === undefined ? undefined : fail('configured', { code: 'TMPDIR_TAKEN', tmpdir, owner });
};

const thorough: readonly Check[] = [
  program('pgctl'),
  program('psql'),
  configThere,
  socketdir,
  dataWritable,
  version,
  masterIp,
  repMode,
  external,
  demoteTo,
  nodeList,
  slots,
  slotNames,
  passfile,
];

const caller: Check = (call, { user, callerUid }) =>
  callerUid === 0 || callerUid === user?.uid
    ? undefined
    : fail('generic', { code: 'NOT_ALLOWED', user: call.parameters.pgdba });

/** The first thing that is wrong; undefined if all is well. */
export function validate(action: string, call: Call, machine: Machine): Verdict | undefined {
  const first = firstOf(basic, call, machine);
  // pgsql's mapping, kept: a monitor that cannot work reports "not running".
  if (first !== undefined) return action === 'monitor' ? { ...first, exit: 'notRunning' } : first;
  if (action === 'validate-all') return call.thorough ? firstOf([...thorough, tmpdirOwn], call, machine) : undefined;
  return firstOf([...thorough, ...(action === 'start' ? [tmpdirOwn] : []), caller], call, machine);
}

function firstOf(checks: readonly Check[], call: Call, machine: Machine): Verdict | undefined {
  for (const check of checks) {
    const verdict = check(call, machine);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}
