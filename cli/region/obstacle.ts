// What a standby's own agent has recorded that keeps it from taking over as it is: `CODE: why`. Pure.
import { valueOf, type NodeView, type Objection, type View } from './view.ts';

const remedies: Readonly<Record<string, (node: string) => string>> = {
  REPLAY_PAUSED: (node) => `on ${node}: select pg_wal_replay_resume()`,
  LIMITS_BELOW: (node) =>
    `cfha standby ${node}, then cfha unstandby ${node}: it starts with the primary's settings. Do not resume replay: that ends the server`,
  SETTING_OUTRANKS: (node) => `remove it there; or cfha standby ${node}, then cfha unstandby ${node}: its start outranks it`,
}; // prettier-ignore

/** Undefined: it has recorded nothing, or is no standby that runs. */
export function obstacleOn(view: View, node: NodeView): Objection | undefined {
  if (node.role !== 'Unpromoted') return undefined;
  const [, code = '', why = ''] = /^([A-Z_]+): ([^]*)$/.exec(valueOf(view, node, 'obstacle') ?? '') ?? [];
  if (code === '') return undefined;
  const todo = remedies[code] ?? ((name: string) => `cfha explain, on ${name}`);
  return { says: `no: ${node.name}: ${why}`, todo: todo(node.name) };
}
