// Which node attributes differ from what they should be. A write is a process: what is right already is not written.
import { attributes, type AttributeKey } from '../../meta/attributes.ts';
import type { ClusterNode } from '../../lib/pacemaker/cib.ts';
import type { Call } from '../call.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';

export function nodeOf(snapshot: Snapshot, name: string): ClusterNode | undefined {
  return snapshot.cluster?.nodes[name];
}

/** The value Pacemaker has; undefined if none, or if the cluster could not be read. */
export function valueOf(snapshot: Snapshot, call: Call, at: { node: string; key: AttributeKey }): string | undefined {
  const { name, lifetime } = attributes[at.key];
  return nodeOf(snapshot, at.node)?.attributes[lifetime][name(call.resource)];
}

type Wanted = {
  readonly node: string;
  readonly key: AttributeKey;
  readonly value: string | undefined;
  readonly must?: true;
};

/** The step that makes it so; none if it is so. If the cluster could not be read, it is written in any case. */
export function set(snapshot: Snapshot, call: Call, wanted: Wanted): readonly Step[] {
  const known = snapshot.cluster !== undefined;
  return known && valueOf(snapshot, call, wanted) === wanted.value ? [] : [{ do: 'set attribute', ...wanted }];
}

/** The same for this node. */
export function setOwn(snapshot: Snapshot, call: Call, wanted: Omit<Wanted, 'node'>): readonly Step[] {
  return set(snapshot, call, { node: call.node, ...wanted });
}

/** What will be found once an attribute is written: for what is decided after it in the same look. */
export function assuming(snapshot: Snapshot, call: Call, { node, key, value }: Wanted): Snapshot {
  const known = nodeOf(snapshot, node);
  if (snapshot.cluster === undefined || known === undefined) return snapshot;
  const { name, lifetime } = attributes[key];
  const { [name(call.resource)]: _, ...others } = known.attributes[lifetime];
  const values = value === undefined ? others : { ...others, [name(call.resource)]: value };
  const changed = { ...known, attributes: { ...known.attributes, [lifetime]: values } };
  return { ...snapshot, cluster: { ...snapshot.cluster, nodes: { ...snapshot.cluster.nodes, [node]: changed } } };
}
