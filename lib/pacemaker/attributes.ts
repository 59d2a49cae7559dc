// Writing a node attribute: one process and one round trip each, so only what differs is written.
// crm_attribute(8). Every option is one word: `--update -INFINITY` in two is read as options by Pacemaker 2.1.
import type { Lifetime } from '../../meta/attributes.ts';
import type { Argv } from '../host/exec.ts';

export type AttributeWrite = {
  readonly node: string;
  readonly name: string;
  readonly lifetime: Lifetime;
  /** Undefined deletes it. */
  readonly value: string | undefined;
};

export function writeAttributeArgv({ node, name, lifetime, value }: AttributeWrite): Argv {
  const what = value === undefined ? '--delete' : `--update=${value}`;
  return ['crm_attribute', `--node=${node}`, `--name=${name}`, `--lifetime=${lifetime}`, what];
}

/** `crm_node --name`: the name of this node, for callers to whom Pacemaker has not told it. */
export const localNameArgv: Argv = ['crm_node', '--name'];
