// What Pacemaker has recorded of a resource on a node.

export type Entry = { readonly op: string; readonly interval: number; readonly rc: number; readonly call: number };

/** One entry for the last operation that changed something, one for each recurring monitor, as in a CIB. */
export type History = { last: Entry | undefined; readonly recurring: Map<number, Entry>; role: string; calls: number };

export const emptyHistory = (): History => ({ last: undefined, recurring: new Map(), role: 'Stopped', calls: 4 });
