// Which node attributes differ from what they should be. A write is a process: what is right already is not written.
import { attributes, type AttributeKey } from '../../meta/attributes.ts';
import { withValue, type ClusterNode } from '../../lib/pacemaker/cib.ts';
import type { Call } from '../call.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';

export function nodeOf(snapshot: Snapshot, name: string): ClusterNode | undefined {
  return snapshot.cluster?.nodes[name];
}

const known = new Map<string, Readonly<Record<AttributeKey, string>>>();

/** The names of a resource's attributes; every rule asks for them many times. */
function namesFor(resource: string): Readonly<Record<AttributeKey, string>> {
  const before = known.get(resource);
  if (before !== undefined) return before;
  const entries = Object.entries(attributes).map(([key, { name }]) => [key, name(resource)] as const);
  const names = Object.fromEntries(entries) as Record<AttributeKey, string>;
  known.set(resource, names);
  return names;
}

/** The value Pacemaker has; undefined if none, or if the cluster could not be read. */
export function valueOf(snapshot: Snapshot, call: Call, at: { node: string; key: AttributeKey }): string | undefined {
  return nodeOf(snapshot, at.node)?.attributes[attributes[at.key].lifetime][namesFor(call.resource)[at.key]];
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
  const found = nodeOf(snapshot, node);
  if (snapshot.cluster === undefined || found === undefined) return snapshot;
  const changed = withValue(found, { lifetime: attributes[key].lifetime, name: namesFor(call.resource)[key], value });
  return { ...snapshot, cluster: { ...snapshot.cluster, nodes: { ...snapshot.cluster.nodes, [node]: changed } } };
}
