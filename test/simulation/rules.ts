// Whose rules are played: the agent's, or one of those that are known to lose, to show that the simulator finds it.
import type { Snapshot } from '../../agent/snapshot.ts';

export const variants = {
  ours: 'the rules of the agent',
  'pgsql-alone': 'a primary goes alone, and a standby is promoted, without proof (go_alone=unproven)',
  'lsn-only': 'the same, and elections compare positions only, whatever the history',
  'running-is-primary': 'a server that runs as a primary is taken for the primary, whoever promoted it',
  'names-first': 'a standby is recorded as synchronous when it is named, caught up or not',
} as const;

export type Variant = keyof typeof variants;

export function isVariant(text: string): text is Variant {
  return text in variants;
}

/** What the agent is shown instead of what is there. */
export function shown(snapshot: Snapshot, variant: Variant, self: string): Snapshot {
  switch (variant) {
    case 'lsn-only':
      return withoutHistory(snapshot);
    case 'names-first':
      return asIfCaughtUp(snapshot);
    case 'running-is-primary':
      return asIfPromoted(snapshot, self);
    default:
      return snapshot;
  }
}

function withoutHistory(snapshot: Snapshot): Snapshot {
  const { session, cluster } = snapshot;
  if (session === undefined || !('answer' in session) || cluster === undefined) return snapshot;
  const nodes = Object.entries(cluster.nodes).map(([name, node]) => {
    const { 'pg-timeline': _, ...forever } = node.attributes.forever;
    const { 'pg-xlog-history': __, ...reboot } = node.attributes.reboot;
    return [name, { ...node, attributes: { forever, reboot } }] as const;
  });
  const answer = { ...session.answer, timeline: 1 };
  return { ...snapshot, session: { ...session, answer }, cluster: { ...cluster, nodes: Object.fromEntries(nodes) } };
}

function asIfCaughtUp(snapshot: Snapshot): Snapshot {
  const { session } = snapshot;
  if (session === undefined || !('answer' in session)) return snapshot;
  const senders = session.answer.senders.map((sender) => ({ ...sender, flushed: 0xffffffffffffn }));
  return { ...snapshot, session: { ...session, answer: { ...session.answer, senders, checkpointerIdle: true } } };
}

/** As if Pacemaker had promoted this node and no other, and the cluster had begun every timeline there is. */
function asIfPromoted(snapshot: Snapshot, self: string): Snapshot {
  const { session, cluster } = snapshot;
  if (session === undefined || !('answer' in session) || cluster === undefined) return snapshot;
  const begun = { ...snapshot, lock: true };
  if (session.answer.inRecovery) return begun;
  const nodes = Object.entries(cluster.nodes).map(([name, node]) => {
    const role = name === self ? 'Promoted' : undefined;
    return [name, { ...node, role }] as const;
  });
  return { ...begun, cluster: { ...cluster, nodes: Object.fromEntries(nodes) } };
}
