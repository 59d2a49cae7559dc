// What a testbed consists of, as `up` was told.
import { badUsage, Refusal } from './refusal.ts';
import { nodeNames, type Layout } from './layout.ts';
import { readJson } from './json-file.ts';
import { existsSync } from 'node:fs';
import type { Suite } from './rootfs.ts';

export type Definition = Readonly<{ suite: Suite; rootfs: string; nodes: number; vmPrefix: string }>;

export function definitionOf(layout: Layout): Definition | undefined {
  return readJson(layout.definition) as Definition | undefined;
}

/** The definition of a testbed that `up` has made, and whose switch is there. */
export function mustBeUp(layout: Layout): Definition {
  const definition = definitionOf(layout);
  const up = definition && existsSync(`/run/netns/${layout.netns('switch')}`);
  if (!up) throw new Refusal(`testbed ${layout.name} is not up: scripts/testbed up --name ${layout.name}`);
  return definition;
}

export function nodesOf(layout: Layout): readonly string[] {
  return nodeNames(definitionOf(layout)?.nodes ?? 0);
}

/** Refuses a name that is no node of this testbed. */
export function mustBeNode(layout: Layout, node: string): void {
  const nodes = nodeNames(mustBeUp(layout).nodes);
  if (!nodes.includes(node)) throw badUsage(`no node ${node} in testbed ${layout.name}: it has ${nodes.join(', ')}`);
}

/** The name under which the vCenter knows a node. */
export function vmName(definition: Definition, node: string): string {
  return `${definition.vmPrefix}-${node}-vm`;
}
