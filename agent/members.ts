// What the other members' own copies of the CIB record: the proof that a record is known where it counts.
import { UnreadableAnswer, type Exec, type Result } from '../lib/host/exec.ts';
import { queryNodesArgv, readNodesAttributes, type Cluster, type ClusterNode } from '../lib/pacemaker/cib.ts';
import { attributes } from '../meta/attributes.ts';
import type { Call } from './call.ts';
import { otherMembers } from './rules/alone.ts';
import type { Snapshot } from './snapshot.ts';

/** A member that has just been cut off does not answer: it is asked again by the next monitor. */
const memberTimeoutMs = 3000;

/** What each other member's own copy of the CIB records about all nodes' data. */
export async function askMembers(
  { call, exec }: { readonly call: Call; readonly exec: Exec },
  snapshot: Snapshot,
  leftMs: number,
): Promise<NonNullable<Snapshot['peerRecords']>> {
  const key = attributes.dataStatus.name(call.resource);
  const answers = otherMembers(snapshot, call).map(async (member) => {
    const name = snapshot.cluster?.nodes[member]?.name ?? member;
    const timeoutMs = Math.max(500, Math.min(memberTimeoutMs, leftMs / 2));
    return [member, readRecords(await exec({ argv: queryNodesArgv(name), timeoutMs }), key)] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

/** What is known of the cluster, with who is a member now. What a member was said to have is kept: this call has written some of it. */
export function withMembership(known: Cluster, now: Cluster): Cluster {
  const nodes = Object.entries(now.nodes).map(([name, node]): [string, ClusterNode] => {
    const attributes = known.nodes[name]?.attributes ?? node.attributes;
    const { forever } = attributes;
    return [name, { ...node, attributes: node.online ? attributes : { ...node.attributes, forever } }];
  });
  return { ...now, nodes: Object.fromEntries(nodes) };
}

function readRecords(result: Result, key: string): Readonly<Record<string, string>> {
  try {
    const records = Object.entries(readNodesAttributes(result)).map(([node, values]) => [node, values[key] ?? '']);
    return Object.fromEntries(records) as Record<string, string>;
  } catch (error) {
    if (error instanceof UnreadableAnswer) return {};
    throw error;
  }
}
