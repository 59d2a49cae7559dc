// How the region is now: what must be so before anything is broken on purpose.
import { isTrue, readRole } from '../../lib/pacemaker/values.ts';
import { must, unless, type Check } from '../judgement.ts';
import { primaryOf, streams, valueOf } from '../../cli/region/view.ts';

const trento = 'Trento; cfha status';

export const statusChecks: readonly Check[] = [
  {
    code: 'MAINTENANCE',
    severity: 'critical',
    asks: 'configuration',
    says: 'the cluster manages its resources',
    source: trento,
    judge: ({ cib }) =>
      unless(
        [
          ...(cib.view.maintenance ? ['maintenance-mode is true'] : []),
          ...[cib.postgres.meta, cib.cloneMeta].flatMap((meta) => [
            ...(isTrue(meta['is-managed'], true) ? [] : ['is-managed is false']),
            ...(isTrue(meta['maintenance']) ? ['maintenance is true'] : []),
            ...(['Stopped', 'Unpromoted'].includes(readRole(meta['target-role']) ?? '') ? [`target-role is ${meta['target-role'] ?? ''}`] : []),
          ]),
        ],
        'it does',
      ),
    remedy: 'pcs property set maintenance-mode=false; pcs resource manage CLONE; pcs resource enable CLONE',
  },
  {
    code: 'NODES_ONLINE',
    severity: 'critical',
    asks: 'status',
    says: 'every node is online and not in standby',
    source: trento,
    judge: ({ cib }) =>
      unless(
        cib.view.nodes.flatMap(({ name, online, standby }) => [...(online ? [] : [`${name} is offline`]), ...(standby ? [`${name} is in standby`] : [])]),
        ...cib.view.nodes.map(({ name }) => `${name} is online`),
      ),
    remedy: 'pcs cluster start NODE; cfha unstandby NODE',
  },
  {
    code: 'PRIMARY',
    severity: 'critical',
    asks: 'status',
    says: 'one node has the primary, and its server says so itself',
    source: 'invariants I2, I9',
    judge: ({ cib: { view } }) => {
      const promoted = view.nodes.filter(({ role }) => role === 'Promoted');
      const claims = view.nodes.filter((node) => valueOf(view, node, 'status') === 'PRI');
      const same = promoted.length === 1 && claims.length === 1 && promoted[0] === claims[0];
      return must(same, `promoted: ${promoted.map(({ name }) => name).join(', ') || 'none'}; says PRI: ${claims.map(({ name }) => name).join(', ') || 'none'}`);
    },
    remedy: 'cfha status; cfha explain on each node',
  },
  {
    code: 'STANDBYS_STREAM',
    severity: 'critical',
    asks: 'status',
    says: 'every other node streams from it',
    source: 'invariants I6, I9',
    judge: ({ cib: { view } }) =>
      unless(
        view.nodes.filter((node) => node !== primaryOf(view) && !streams(view, node)).map((node) => `${node.name}: ${valueOf(view, node, 'dataStatus') ?? 'no data status'}`),
        ...view.nodes.map((node) => `${node.name}: ${valueOf(view, node, 'dataStatus') ?? ''}`),
      ),
    remedy: 'cfha status says what it needs; cfha explain, on that node',
  },
  {
    code: 'FAILURES',
    severity: 'warning',
    asks: 'status',
    says: 'no failure of PostgreSQL is recorded',
    source: 'cfha status',
    judge: ({ cib }) =>
      unless(
        cib.view.nodes.filter(({ failures }) => failures > 0).map(({ name, failures, reason }) => `${name}: ${String(failures)}${reason === undefined ? '' : `, ${reason}`}`),
        'none',
      ),
    remedy: 'the reason; then cfha cleanup',
  },
  {
    code: 'VIP_PLACE',
    severity: 'critical',
    asks: 'status',
    says: 'the virtual IP is on the primary’s node',
    source: 'a rule of every region of one primary',
    judge: ({ cib: { view } }) =>
      view.vip === undefined
        ? { verdict: 'without object', evidence: ['there is no virtual IP in the cluster'] }
        : must(view.vip.on === primaryOf(view)?.name, `it is on ${view.vip.on ?? 'no node'}`),
    remedy: 'pcs status; the constraints VIP_COLOCATION and VIP_AFTER_PROMOTE',
  },
  {
    code: 'WORDS_LEFT_OVER',
    severity: 'warning',
    asks: 'status',
    says: 'no word of a person that loss is acceptable, or a node may be rebuilt, is left over',
    source: 'docs/day-two.md',
    judge: ({ cib: { view } }) =>
      unless(
        view.nodes.flatMap((node) => (['acceptLoss', 'rejoinWord'] as const).flatMap((key) => (valueOf(view, node, key) === undefined ? [] : [`${node.name}: ${key} is ${valueOf(view, node, key) ?? ''}`]))),
        'none',
      ),
    remedy: 'crm_attribute --node=NODE --name=… --lifetime=reboot --delete',
  },
]; // prettier-ignore
