// One call of Pacemaker: environment -> typed values, or everything that is wrong with them.
// Pacemaker Administration, "Resource Agents"; the notify keys: Pacemaker lib/pacemaker/pcmk_sched_notif.c.
import { parameters as declared, type Parameter, type ParameterName, type Parameters } from '../meta/parameters.ts';
import { types } from '../meta/types.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type Notification = {
  readonly type: 'pre' | 'post';
  readonly operation: 'start' | 'stop' | 'promote' | 'demote';
  /** Lower-case node names. */
  readonly promoting: readonly string[];
  readonly demoting: readonly string[];
  readonly promoted: readonly string[];
};

export type Call = {
  /** The resource without an instance number: `postgresql` for `postgresql:1`. */
  readonly resource: string;
  readonly instance: string;
  /** This node's name, lower-case as pgsql writes it. */
  readonly node: string;
  readonly parameters: Parameters;
  /** The names of node_list, lower-case. */
  readonly members: readonly string[];
  /** A monitor that Pacemaker calls to find out, not to watch. */
  readonly probe: boolean;
  readonly promotable: boolean;
  /** validate-all with OCF_CHECK_LEVEL 10 checks this machine too. */
  readonly thorough: boolean;
  readonly timeoutMs: number;
  readonly notification: Notification | undefined;
  /** True if Pacemaker says that no other instance runs: the condition for removing PGSQL.lock. */
  readonly alone: boolean;
};

/** The parameters, and all that is wrong with them (then with the default instead). An empty number counts as not given. */
export function readParameters(env: Environment): {
  readonly parameters: Parameters;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const read = ([name, { type, default: fallback }]: [string, Parameter]): [string, unknown] => {
    const given = env[`OCF_RESKEY_${name}`];
    const raw = given === undefined || (given === '' && type !== 'string') ? fallback : given;
    const value = types[type].read(raw);
    if (value === undefined) problems.push(`${name}="${raw}" is not ${types[type].expects}`);
    return [name, value ?? types[type].read(fallback)];
  };
  const values = Object.fromEntries(Object.entries<Parameter>(declared).map(read)) as Record<ParameterName, unknown>;
  if (values.config === declared.config.default) values.config = `${String(values.pgdata)}/postgresql.conf`;
  return { parameters: values as Parameters, problems };
}

const meta = (env: Environment, key: string): string | undefined => env[`OCF_RESKEY_CRM_meta_${key}`];
const words = (text: string | undefined): readonly string[] => (text ?? '').toLowerCase().split(/\s+/).filter(Boolean);

/** The call of an action, except for the node's name, which may have to be asked for. */
export function readCall(env: Environment, parameters: Parameters, defaultTimeoutMs: number): Omit<Call, 'node'> {
  const instance = env['OCF_RESOURCE_INSTANCE'] ?? 'undef';
  return {
    resource: instance.replace(/:.*$/, ''),
    instance,
    parameters,
    members: words(parameters.node_list),
    probe: number(meta(env, 'interval')) === 0,
    promotable: meta(env, 'promotable') === 'true' || number(meta(env, 'master_max')) > 0,
    thorough: (env['OCF_CHECK_LEVEL'] ?? env['OCF_RESKEY_OCF_CHECK_LEVEL']) === '10',
    timeoutMs: number(meta(env, 'timeout')) || defaultTimeoutMs,
    notification: readNotification(env),
    alone: unpromoted(env) === ' ',
  };
}

/** We end before Pacemaker would kill us: its time-out has no reason in it. */
export function marginMs({ timeoutMs }: Pick<Call, 'timeoutMs'>): number {
  return Math.min(3000, timeoutMs / 10);
}

/** A number that is not given, or none, is 0: for Pacemaker's own keys both mean "not". */
function number(text: string | undefined): number {
  return Math.max(0, Number(text ?? '0')) || 0;
}

/** Pacemaker sends an empty list as one blank; an absent or empty value is none at all and proves nothing. */
function unpromoted(env: Environment): string | undefined {
  return meta(env, 'notify_slave_uname') ?? meta(env, 'notify_unpromoted_uname');
}

function readNotification(env: Environment): Notification | undefined {
  const [type, operation] = [meta(env, 'notify_type'), meta(env, 'notify_operation')];
  if (!isOneOf(type, ['pre', 'post']) || !isOneOf(operation, ['start', 'stop', 'promote', 'demote'])) return undefined;
  return {
    type,
    operation,
    promoting: words(meta(env, 'notify_promote_uname')),
    demoting: words(meta(env, 'notify_demote_uname')),
    promoted: words(meta(env, 'notify_master_uname') ?? meta(env, 'notify_promoted_uname')),
  };
}

function isOneOf<T extends string>(text: string | undefined, options: readonly T[]): text is T {
  return (options as readonly (string | undefined)[]).includes(text);
}

/** True in the modes with a promotable clone. */
export function replicates(call: Pick<Call, 'parameters'>): boolean {
  return call.parameters.rep_mode === 'sync' || call.parameters.rep_mode === 'async';
}

/** The other nodes of node_list, in its order. */
export function peersOf(call: Call): readonly string[] {
  return call.members.filter((name) => name !== call.node);
}
