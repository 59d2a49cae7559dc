// The virtual IP, and what ties it to the primary.
import { isPromotedRole } from '../../lib/pacemaker/dialect.ts';
import { masterIpOf, namesOf, vipOf } from '../cib-words.ts';
import type { CibFacts } from '../facts.ts';
import { held, must, unless, without, type Check, type Judgement } from '../judgement.ts';
import type { Values } from '../../lib/pacemaker/cib.ts';
import { readScore } from '../../lib/pacemaker/values.ts';

const reference = 'reference architecture, cluster setup; docs/bootstrap.md';

function withVip(cib: CibFacts, judge: (names: readonly string[]) => Judgement): Judgement {
  const vip = vipOf(cib);
  return vip === undefined ? without('there is no virtual IP in the cluster') : judge(namesOf(vip));
}

function clones({ view }: CibFacts): readonly string[] {
  return [view.clone, view.resource];
}

function colocations(cib: CibFacts, names: readonly string[]): readonly Values[] {
  const is = (one: Values) => one['constraint'] === 'colocation' && names.includes(one['rsc'] ?? '') && clones(cib).includes(one['with-rsc'] ?? ''); // prettier-ignore
  return cib.constraints.filter(is);
}

function orders(cib: CibFacts, names: readonly string[], actions: readonly [string, string]): readonly Values[] {
  const [first, then] = actions;
  return cib.constraints.filter(
    (one) =>
      one['constraint'] === 'order' &&
      clones(cib).includes(one['first'] ?? '') &&
      names.includes(one['then'] ?? '') &&
      one['first-action'] === first &&
      (one['then-action'] ?? one['first-action']) === then,
  );
}

function inWords(one: Values): string {
  return Object.entries(one).filter(([name]) => name !== 'id').map(([name, value]) => `${name}=${value}`).join(' ');
} // prettier-ignore

function judgeColocation(cib: CibFacts, names: readonly string[]): Judgement {
  const found = colocations(cib, names);
  if (found.length === 0) return unless([`nothing holds ${names[0] ?? ''} with ${cib.view.clone}`]);
  const good = found.filter((one) => isPromotedRole(one['with-rsc-role']) && readScore(one['score']) === Infinity);
  return good.length > 0 ? held(...good.map(inWords)) : unless(found.map((one) => `not with the promoted role, or not always: ${inWords(one)}`)); // prettier-ignore
}

/** What cfha, pcs and crm leave behind: `pcs resource move` and `ban`, an interrupted switchover or rejoin. */
const leftOver = /^(cli-(ban|prefer|standby)-|cfha-)/;

export const constraintChecks: readonly Check[] = [
  {
    code: 'VIP_RESOURCE',
    severity: 'critical',
    asks: 'configuration',
    says: 'the address that standbys connect to (master_ip) is a resource of the cluster',
    source: reference,
    judge: ({ cib }) => {
      const wanted = cib.view.parameters['master_ip'];
      if (wanted === undefined) return without('master_ip is not set');
      const vip = masterIpOf(cib);
      return must(vip !== undefined, vip === undefined ? `no IPaddr2 has ip=${wanted}` : `${vip.id} has ${wanted}`);
    },
    remedy: 'pcs resource create pgvip ocf:heartbeat:IPaddr2 ip=… cidr_netmask=…',
  },
  {
    code: 'VIP_MONITORED',
    severity: 'warning',
    asks: 'configuration',
    says: 'the virtual IP is monitored',
    source: reference,
    judge: ({ cib }) => {
      const monitor = vipOf(cib)?.operations.find(({ name }) => name === 'monitor');
      if (vipOf(cib) === undefined) return without('there is no virtual IP in the cluster');
      return must(monitor !== undefined, monitor === undefined ? 'no monitor' : `every ${monitor['interval'] ?? '?'}`);
    },
    remedy: 'pcs resource update pgvip op monitor interval=10s timeout=20s',
  },
  {
    code: 'VIP_COLOCATION',
    severity: 'critical',
    asks: 'configuration',
    says: 'the virtual IP is where the promoted instance is, always',
    source: reference,
    judge: ({ cib }) => withVip(cib, (names) => judgeColocation(cib, names)),
    remedy: 'pcs constraint colocation add pgvip with Promoted CLONE INFINITY, and remove the other one',
  },
  {
    code: 'VIP_AFTER_PROMOTE',
    severity: 'critical',
    asks: 'configuration',
    says: 'the virtual IP comes after the promotion',
    source: reference,
    judge: ({ cib }) =>
      withVip(cib, (names) => {
        const found = orders(cib, names, ['promote', 'start']).filter((one) => one['kind'] !== 'Optional');
        return must(found.length > 0, found.map(inWords)[0] ?? `no order promote ${cib.view.clone} then start ${names[0] ?? ''}`);
      }),
    remedy: 'pcs constraint order promote CLONE then start pgvip symmetrical=false kind=Mandatory',
  },
  {
    code: 'VIP_AFTER_DEMOTE',
    severity: 'warning',
    asks: 'configuration',
    says: 'the virtual IP goes after the demotion: clients see a server that ends, not one that has vanished',
    source: reference,
    judge: ({ cib }) =>
      withVip(cib, (names) => {
        const found = orders(cib, names, ['demote', 'stop']);
        return must(found.length > 0, found.map(inWords)[0] ?? `no order demote ${cib.view.clone} then stop ${names[0] ?? ''}`);
      }),
    remedy: 'pcs constraint order demote CLONE then stop pgvip symmetrical=false kind=Optional',
  },
  {
    code: 'CONSTRAINTS_LEFT_OVER',
    severity: 'critical',
    asks: 'configuration',
    says: 'no ban or preference is left over from a move, a switchover or a rejoin',
    source: 'Trento (cli- constraints); docs/day-two.md',
    judge: ({ cib }) => {
      const found = cib.constraints.filter((one) => leftOver.test(one['id'] ?? ''));
      return unless(found.map((one) => `${one['id'] ?? ''}: ${inWords(one)}`), 'none');
    },
    remedy: 'pcs resource clear CLONE, or pcs constraint delete ID',
  },
  {
    code: 'CONSTRAINTS_PREFERENCE',
    severity: 'warning',
    asks: 'configuration',
    says: 'no constraint prefers a node for the primary more than it prefers that it stays',
    source: 'Red Hat’s reference architecture: no automatic failback',
    judge: ({ cib }) => {
      const stays = readScore(cib.defaults['resource-stickiness']) ?? 0;
      const pulls = cib.constraints.filter(
        (one) => one['constraint'] === 'location' && clones(cib).includes(one['rsc'] ?? '') && !leftOver.test(one['id'] ?? '') && (readScore(one['score']) ?? 0) > stays,
      );
      return unless(pulls.map(inWords), 'none');
    },
    remedy: 'pcs constraint delete ID',
  },
]; // prettier-ignore
