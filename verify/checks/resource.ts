// The PostgreSQL resource: its clone, its operations, its parameters.
import { isPromotedRole } from '../../lib/pacemaker/dialect.ts';
import { isTrue, readScore, readSeconds } from '../../lib/pacemaker/values.ts';
import type { CibFacts, Operation } from '../facts.ts';
import { must, unless, type Check } from '../judgement.ts';
import { advertised } from '../../meta/actions.ts';
import { parameters, type ParameterName } from '../../meta/parameters.ts';
import { types } from '../../meta/types.ts';

const promotable = 'Pacemaker Explained, promotable clones; agent-facts: notifications carry the election';

/** The reference architecture gives every operation 60 s; the agent advertises up to 120 s. The less is the least. */
const configuredOften = 60;

function leastSeconds(name: string, role: string | undefined): number {
  const fitting = advertised.filter((action) => action.name === name);
  const own = fitting.find((action) => 'role' in action === (role !== undefined)) ?? fitting[0];
  return Math.min(own?.timeout ?? 0, configuredOften);
}

const judgedOperations = ['start', 'stop', 'promote', 'demote', 'notify', 'monitor'];
/** Pacemaker's default of an operation without a timeout. */
const defaultTimeout = '20s';

function timeoutObjections({ postgres }: CibFacts): readonly string[] {
  return judgedOperations.flatMap((name) => {
    const found = postgres.operations.filter((op) => op.name === name);
    const judged: readonly Operation[] = found.length > 0 ? found : [{ name }];
    return judged.flatMap((op) => {
      const given = op['timeout'] ?? defaultTimeout;
      const least = leastSeconds(name, op['role']);
      const where = [name, op['role'], op['interval'] === undefined ? 'no such operation' : ''].filter((word) => word !== undefined && word !== '').join(', '); // prettier-ignore
      return (readSeconds(given) ?? 0) < least ? [`${where}: timeout ${given}, and it must be ${String(least)} s or more`] : []; // prettier-ignore
    });
  });
}

function monitorsOf({ postgres }: CibFacts) {
  const monitors = postgres.operations.filter(({ name, interval }) => name === 'monitor' && (readSeconds(interval) ?? 0) > 0);
  const ofPromoted = monitors.filter(({ role }) => isPromotedRole(role));
  return { ofPromoted, others: monitors.filter((op) => !ofPromoted.includes(op)) };
} // prettier-ignore

function monitorObjections(cib: CibFacts): readonly string[] {
  const { ofPromoted, others } = monitorsOf(cib);
  const same = ofPromoted.filter((one) => others.some((other) => readSeconds(other['interval']) === readSeconds(one['interval']))); // prettier-ignore
  return [
    ...(ofPromoted.length === 0 ? ['the primary is not monitored: no monitor with role=Promoted'] : []),
    ...(others.length === 0 ? ['the standby is not monitored'] : []),
    ...same.map((op) => `two monitors have the interval ${op['interval'] ?? ''}: Pacemaker runs one of them only`),
    ...[...ofPromoted, ...others]
      .filter((op) => op['on-fail'] === 'ignore' || !isTrue(op['enabled'], true))
      .map((op) => `a monitor is switched off: on-fail=${op['on-fail'] ?? ''} enabled=${op['enabled'] ?? ''}`),
  ];
}

function parameterObjections({ postgres }: CibFacts): readonly string[] {
  return Object.entries(postgres.attributes).flatMap(([name, value]) => {
    if (!(name in parameters)) return [`${name} is no parameter of the agent`];
    const kind = types[parameters[name as ParameterName].type];
    return kind.read(value) === undefined ? [`${name}="${value}": ${kind.expects} expected`] : [];
  });
}

function metaCheck(
  code: string,
  [meta, isRight]: readonly [string, (value: string | undefined) => boolean],
  rest: Pick<Check, 'says' | 'severity'>,
): Check {
  return {
    ...{ code, asks: 'configuration', source: promotable, ...rest },
    judge: ({ cib }) => {
      const value = cib.cloneMeta[meta] ?? cib.cloneMeta[meta.replace('promoted', 'master')];
      return must(isRight(value), `${meta} of ${cib.view.clone} is ${value ?? 'not set'}`);
    },
    remedy: `pcs resource meta CLONE ${meta}=…`,
  };
}

export const resourceChecks: readonly Check[] = [
  metaCheck('CLONE_PROMOTABLE', ['promotable', (value) => isTrue(value)], { severity: 'critical', says: 'the resource is a promotable clone' }),
  metaCheck('CLONE_NOTIFY', ['notify', (value) => isTrue(value)], { severity: 'critical', says: 'the clone gets notifications: without them nobody knows who is promoted' }),
  metaCheck('CLONE_ONE_PRIMARY', ['promoted-max', (value) => (readScore(value) ?? 1) === 1], { severity: 'critical', says: 'one instance is promoted, not more' }),
  {
    code: 'CLONE_EVERYWHERE',
    severity: 'warning',
    asks: 'configuration',
    says: 'there is an instance on every node',
    source: promotable,
    judge: ({ cib }) => {
      const count = cib.cloneMeta['clone-max'] ?? String(cib.view.nodes.length);
      return must(Number(count) >= cib.view.nodes.length, `clone-max is ${count}, nodes: ${String(cib.view.nodes.length)}`);
    },
    remedy: 'pcs resource meta CLONE clone-max=2',
  },
  {
    code: 'OPERATION_TIMEOUTS',
    severity: 'critical',
    asks: 'configuration',
    says: 'every operation has the time that the agent advertises, or 60 s, whichever is less',
    source: 'the agent’s metadata; the reference architecture (60 s); Trento',
    judge: ({ cib }) => unless(timeoutObjections(cib), ...cib.postgres.operations.map((op) => `${op.name} ${op['timeout'] ?? defaultTimeout}`)),
    remedy: 'pcs resource update RESOURCE op NAME interval=… timeout=60s',
  },
  {
    code: 'OPERATION_MONITORS',
    severity: 'critical',
    asks: 'configuration',
    says: 'primary and standby are monitored, each with an interval of its own',
    source: 'Pacemaker Explained, monitoring promotable resources',
    judge: ({ cib }) => unless(monitorObjections(cib), ...Object.values(monitorsOf(cib)).flat().map((op) => `every ${op['interval'] ?? ''}`)),
    remedy: 'pcs resource update RESOURCE op monitor interval=4s op monitor interval=3s role=Promoted',
  },
  {
    code: 'OPERATION_STOP',
    severity: 'critical',
    asks: 'configuration',
    says: 'a stop that fails leads to fencing',
    source: 'Pacemaker Explained, on-fail',
    judge: ({ cib }) =>
      unless(
        cib.postgres.operations
          .filter((op) => ['stop', 'demote'].includes(op.name) && ['ignore', 'block'].includes(op['on-fail'] ?? ''))
          .map((op) => `${op.name}: on-fail is ${op['on-fail'] ?? ''}`),
        'it does',
      ),
    remedy: 'pcs resource update RESOURCE op stop interval=0s timeout=60s on-fail=fence',
  },
  {
    code: 'PARAMETERS_VALID',
    severity: 'critical',
    asks: 'configuration',
    says: 'every parameter is one of the agent’s, and of its kind',
    source: 'docs/parameters.md',
    judge: ({ cib }) => unless(parameterObjections(cib), `${String(Object.keys(cib.postgres.attributes).length)} parameters`),
    remedy: 'pcs resource update RESOURCE NAME=VALUE; docs/parameters.md',
  },
  {
    code: 'PARAMETERS_REPLICATION',
    severity: 'critical',
    asks: 'configuration',
    says: 'the resource replicates: rep_mode is async or sync',
    source: 'docs/parameters.md',
    judge: ({ cib }) => must(/^(async|sync)$/.test(cib.postgres.attributes['rep_mode'] ?? ''), `rep_mode is ${cib.postgres.attributes['rep_mode'] ?? 'not set'}`),
    remedy: 'pcs resource update RESOURCE rep_mode=async',
  },
  {
    code: 'PARAMETERS_NODES',
    severity: 'critical',
    asks: 'configuration',
    says: 'node_list names every node of the cluster',
    source: 'agent-facts: nodes that are not named take no part in elections',
    judge: ({ cib }) => {
      const listed = (cib.postgres.attributes['node_list'] ?? '').toLowerCase().split(/\s+/);
      const missing = cib.view.nodes.filter(({ name }) => !listed.includes(name.toLowerCase()));
      return unless(missing.map(({ name }) => `${name} is not in node_list`), `node_list is ${listed.join(' ')}`);
    },
    remedy: 'pcs resource update RESOURCE node_list="NODE NODE"',
  },
  {
    code: 'PARAMETERS_SECRET',
    severity: 'warning',
    asks: 'configuration',
    says: 'no password is among the parameters',
    source: 'a rule of every region of one primary',
    judge: ({ cib }) => {
      const { monitor_password: monitor, primary_conninfo_opt: conninfo = '' } = cib.postgres.attributes;
      return unless([
        ...(monitor === undefined ? [] : ['monitor_password is set']),
        ...(/(^|\s)password\s*=/.test(conninfo) ? ['primary_conninfo_opt has password='] : []),
      ], 'none is'); // prettier-ignore
    },
    remedy: 'passfile= in primary_conninfo_opt, and a file of mode 0600',
  },
  {
    code: 'RESTART_ON_PROMOTE',
    severity: 'warning',
    asks: 'configuration',
    says: 'a promotion begins a new timeline, so that where histories part is known',
    source: 'decision 0004; seen: rows on both sides after a cut, and nobody can tell from where on',
    judge: ({ cib }) => {
      const value = cib.postgres.attributes['restart_on_promote'];
      return must(types.boolean.read(value ?? 'false') !== true, `restart_on_promote is ${value ?? 'not set, which means false'}`);
    },
    remedy: 'pcs resource update RESOURCE restart_on_promote=false',
  },
  {
    code: 'STICKINESS',
    severity: 'warning',
    asks: 'configuration',
    says: 'a node that comes back does not take the primary away again',
    source: 'Red Hat’s reference architecture; Pacemaker Explained, resource-stickiness',
    judge: ({ cib }) => {
      const value = cib.postgres.meta['resource-stickiness'] ?? cib.cloneMeta['resource-stickiness'] ?? cib.defaults['resource-stickiness'];
      return must((readScore(value) ?? 0) > 0, `resource-stickiness is ${value ?? 'not set'}`);
    },
    remedy: 'pcs resource defaults update resource-stickiness=100',
  },
]; // prettier-ignore
