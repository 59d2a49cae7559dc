// The actions the agent answers, with the timeouts and intervals it advertises (seconds).
// The values are those of ClusterLabs' pgsql: a configuration that leaves them out behaves the same with either agent.

/** One `<action>` of the metadata. */
export type AdvertisedAction = {
  readonly name: string;
  readonly timeout: number;
  readonly interval?: number;
  readonly depth?: number;
  readonly role?: 'Promoted';
};

export const advertised = [
  { name: 'start', timeout: 120 },
  { name: 'stop', timeout: 120 },
  { name: 'status', timeout: 60 },
  { name: 'monitor', timeout: 30, interval: 30, depth: 0 },
  { name: 'monitor', timeout: 30, interval: 29, depth: 0, role: 'Promoted' },
  { name: 'promote', timeout: 120 },
  { name: 'demote', timeout: 120 },
  { name: 'notify', timeout: 90 },
  { name: 'meta-data', timeout: 5 },
  { name: 'validate-all', timeout: 5 },
  { name: 'methods', timeout: 5 },
] as const satisfies readonly AdvertisedAction[];

/** Every action name that can be the agent's argument. */
export type ActionName = (typeof advertised)[number]['name'];

/** The names `methods` prints, each once, in the order of the metadata. */
export const actionNames: readonly ActionName[] = [...new Set(advertised.map((a) => a.name))];

/** Narrows an argument to an action. */
export function isActionName(text: string): text is ActionName {
  return (actionNames as readonly string[]).includes(text);
}
