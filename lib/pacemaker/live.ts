// Commands that change a running cluster, and what a change of a resource's agent looks like in the CIB.
import { UnreadableAnswer, type Argv } from '../host/exec.ts';
import { types } from '../../meta/types.ts';
import { nvpairs, type Element } from './element.ts';
import { isTrue } from './values.ts';
import { parseXml } from './xml.ts';

/** crm_attribute(8): a cluster property. */
export function setProperty(name: string, value: string): Argv {
  return ['crm_attribute', '--type=crm_config', `--name=${name}`, `--update=${value}`];
}

/** cibadmin(8): gives a primitive another agent; everything else of it stays. */
export function setAgent(resource: string, agent: AgentName): Argv {
  const xml = `<primitive id="${resource}" class="ocf" provider="${agent.provider}" type="${agent.type}"/>`;
  return ['cibadmin', '--modify', '--scope=resources', `--xml-text=${xml}`];
}

/** crm_resource(8): forgets the history of a resource on a node and asks its agent anew (a probe). Not --force: then only one instance. */
export function refresh(resource: string, node: string): Argv {
  return ['crm_resource', '--refresh', `--resource=${resource}`, `--node=${node}`];
}

export type AgentName = { readonly provider: string; readonly type: string };

/** What a probe found on a node: the exit code of the last monitor, of the agent that was asked. */
export type Probe = {
  readonly type: string;
  readonly code: number | undefined;
  /** A monitor is repeated there, as it is in no maintenance mode. */
  readonly recurring: boolean;
};

export type Running = {
  readonly agent: AgentName | undefined;
  readonly parameters: readonly string[];
  /** The agent's parameter restart_on_promote. */
  readonly restartsOnPromote: boolean;
  readonly maintenance: boolean;
  /** By node name; online nodes only. Undefined: not asked yet, or the answer is not there yet. */
  readonly probes: Readonly<Record<string, Probe | undefined>>;
};

/** Reads a CIB for one resource. Throws `UnreadableAnswer` if it is none. */
export async function readRunning(xml: string, resource: string): Promise<Running> {
  const cib = await parseXml(xml);
  if (cib?.name !== 'cib') throw new UnreadableAnswer('cibadmin printed no whole CIB');
  const primitive = everywhere(cib, 'primitive').find((entry) => entry.attributes['id'] === resource);
  const { provider, type } = primitive?.attributes ?? {};
  const parameters = nvpairs(everywhere(primitive, 'instance_attributes'));
  const online = everywhere(cib, 'node_state').filter((state) => state.attributes['join'] === 'member');
  return {
    agent: provider === undefined || type === undefined ? undefined : { provider, type },
    parameters: Object.keys(parameters),
    restartsOnPromote: types.boolean.read(parameters['restart_on_promote'] ?? '') === true,
    maintenance: everywhere(cib, 'nvpair').some(
      ({ attributes }) => attributes['name'] === 'maintenance-mode' && isTrue(attributes['value']),
    ),
    probes: Object.fromEntries(online.map((state) => [state.attributes['uname'] ?? '', probeOf(state, resource)])),
  };
}

function probeOf(state: Element, resource: string): Probe | undefined {
  const entry = everywhere(state, 'lrm_resource').find(
    (found) => found.attributes['id']?.replace(/:\d+$/, '') === resource,
  );
  if (entry === undefined) return undefined;
  const operations = everywhere(entry, 'lrm_rsc_op').map((operation) => operation.attributes);
  const done = operations.filter(
    (operation) => Number(operation['call-id'] ?? -1) >= 0 && operation['operation'] !== 'notify',
  );
  const last = done.sort((a, b) => Number(a['call-id']) - Number(b['call-id'])).at(-1);
  // A stop ends the monitors and leaves them in the history: only the ones begun after it are repeated.
  const repeated = ({ interval }: Readonly<Record<string, string>>) => Number(interval ?? 0) > 0;
  const single = Math.max(...done.filter((one) => !repeated(one)).map((one) => Number(one['call-id'])));
  const recurring = operations.some((one) => repeated(one) && Number(one['call-id'] ?? Infinity) > single);
  return { type: entry.attributes['type'] ?? '', code: codeAfter(last), recurring };
}

/** What a monitor says after this operation. */
function codeAfter(last: Readonly<Record<string, string>> | undefined): number | undefined {
  const code = Number(last?.['rc-code'] ?? NaN);
  if (Number.isNaN(code)) return undefined;
  switch (last?.['operation']) {
    case 'promote':
      return code === 0 ? 8 : code;
    case 'stop':
      return code === 0 ? 7 : code;
    default: // monitor, start, demote
      return code;
  }
}

/** All elements of that name below one, at any depth. */
function everywhere(owner: Element | undefined, name: string): readonly Element[] {
  return (owner?.children ?? []).flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...everywhere(child, name),
  ]);
}
