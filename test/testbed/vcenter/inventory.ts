// The virtual machines that the vCenter shows: one per node.
import { createHash } from 'node:crypto';
import { definitionOf, nodesOf, vmName } from '../definition.ts';
import { nodeNumber, type Layout } from '../layout.ts';
import { isOn } from '../node.ts';

export type Machine = Readonly<{ id: string; name: string; uuid: string; path: string; node: string; on: boolean }>;

/** All machines, with the power they have now. */
export function machinesOf(layout: Layout): readonly Machine[] {
  const definition = definitionOf(layout);
  if (!definition) return [];
  return nodesOf(layout).map((node) => {
    const name = vmName(definition, node);
    return {
      id: `vm-${100 + nodeNumber(node)}`,
      name,
      uuid: uuidOf(name),
      path: `/${definition.vmPrefix}/vm/${name}`,
      node,
      on: isOn(layout, node),
    };
  });
}

/** Always the same for the same name, and shaped as VMware's are. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `4237${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 28)}`;
}
