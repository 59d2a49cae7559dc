// Quorum: which part of a divided cluster goes on.
import type { NodeFacts } from '../facts.ts';
import { must, unless, type Check } from '../judgement.ts';

/** A quorum device has votes of its own. */
function voteObjections({ node, corosync }: NodeFacts, count: number): readonly string[] {
  if (corosync['quorum.device.model'] !== undefined) return [];
  const votes = corosync['runtime.votequorum.expected_votes'] ?? corosync['quorum.expected_votes'] ?? String(count);
  return [
    ...(votes === String(count) ? [] : [`${node}: expected_votes is ${votes}, not ${String(count)}`]),
    ...(count === 2 ? pairObjections(node, corosync) : []),
  ];
}

/** two_node means wait_for_all, unless the configuration takes that back. */
function pairObjections(node: string, corosync: NodeFacts['corosync']): readonly string[] {
  const two = corosync['runtime.votequorum.two_node'] ?? corosync['quorum.two_node'];
  return [
    ...(two === '1' ? [] : [`${node}: two_node is off: the loss of one node stops the other`]),
    ...(corosync['quorum.wait_for_all'] === '0'
      ? [`${node}: wait_for_all is off: a node that starts alone fences the other, and may be promoted with old data`]
      : []),
  ];
}

export const quorumChecks: readonly Check[] = [
  {
    code: 'QUORUM_POLICY',
    severity: 'critical',
    asks: 'configuration',
    says: 'a part of the cluster without quorum runs nothing',
    source: 'Red Hat articles/2881341; Pacemaker Explained, no-quorum-policy',
    judge: ({ cib }) => {
      const value = cib.properties['no-quorum-policy'];
      const bad = ['ignore', 'freeze'].includes(value ?? 'stop');
      return must(!bad, `no-quorum-policy is ${value ?? 'not set, which means stop'}`);
    },
    remedy: 'pcs property set no-quorum-policy=stop; two nodes keep quorum by corosync’s two_node',
  },
  {
    code: 'QUORUM_NOW',
    severity: 'critical',
    asks: 'status',
    says: 'there is quorum now',
    source: 'Trento',
    judge: ({ cib }) => must(cib.view.quorate, cib.view.quorate ? 'yes' : 'no'),
    remedy: 'bring the other nodes back: pcs status nodes',
  },
  {
    code: 'QUORUM_TWO_NODES',
    severity: 'critical',
    asks: 'nodes',
    says: 'corosync runs with the number of votes there is, and two nodes with two_node and wait_for_all',
    source: 'votequorum(5); Trento checks the running value apart',
    judge: ({ nodes, cib }) => {
      const count = cib.view.nodes.length;
      return unless(
        nodes.flatMap((node) => voteObjections(node, count)),
        `${String(count)} votes`,
      );
    },
    remedy: 'pcs quorum update, or pcs cluster setup anew; then restart corosync on all nodes',
  },
];
