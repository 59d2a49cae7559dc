// The resource's parameters as the agent reads them. Pure.
import { readParameters } from '../../agent/call.ts';
import type { Parameters } from '../../meta/parameters.ts';
import type { View } from './view.ts';

/** Returns them all, with the agent's defaults. */
export function readAgentParameters({ parameters }: Pick<View, 'parameters'>): Parameters {
  const environment = Object.entries(parameters).map(([name, value]) => [`OCF_RESKEY_${name}`, value]);
  return readParameters(Object.fromEntries(environment) as Readonly<Record<string, string>>).parameters;
}
