// All static checks, and how they are run over what is known. Pure.
import { constraintChecks } from './checks/constraints.ts';
import { corosyncChecks } from './checks/corosync.ts';
import { fencingChecks } from './checks/fencing.ts';
import { nodeChecks } from './checks/nodes.ts';
import { platformChecks } from './checks/platform.ts';
import { placeChecks } from './checks/places.ts';
import { quorumChecks } from './checks/quorum.ts';
import { replicationChecks } from './checks/replication.ts';
import { resourceChecks } from './checks/resource.ts';
import { settingChecks } from './checks/settings.ts';
import { statusChecks } from './checks/status.ts';
import type { Facts } from './facts.ts';
import type { Asks, Check, Judged } from './judgement.ts';

export const checks: readonly Check[] = [
  ...fencingChecks,
  ...quorumChecks,
  ...resourceChecks,
  ...placeChecks,
  ...constraintChecks,
  ...statusChecks,
  ...nodeChecks,
  ...platformChecks,
  ...corosyncChecks,
  ...settingChecks,
  ...replicationChecks,
];

/** What the facts do not hold, in words; undefined if the check can be judged. */
function missing(asks: Asks, { cib, nodes, silent, drift }: Facts): string | undefined {
  switch (asks) {
    case 'configuration':
      return undefined;
    case 'status':
      return cib.hasStatus ? undefined : 'this CIB holds no status';
    case 'nodes':
      return nodes.length + Object.keys(silent).length > 0 ? undefined : 'the nodes were not asked';
    case 'region':
      return drift === undefined ? 'there is no region file' : undefined;
  }
}

export function judgeAll(facts: Facts): readonly Judged[] {
  return checks.map(({ judge, ...check }) => {
    const because = missing(check.asks, facts);
    return {
      ...check,
      ...(because === undefined ? judge(facts) : { verdict: 'unknown' as const, evidence: [because] }),
    };
  });
}

/** Whether what is broken decides the exit code. */
export function decides({ verdict, severity }: Judged): boolean {
  return verdict === 'broken' && severity !== 'advice';
}
