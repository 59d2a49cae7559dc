// Words about a CIB that several checks use. Pure.
import { clusterOption } from '../lib/pacemaker/values.ts';
import type { CibFacts, Primitive } from './facts.ts';

/** A property under the name it has had since Pacemaker 3.0.2, or before. */
export function fencingProperty({ properties }: CibFacts, name: string): string | undefined {
  return clusterOption(properties, `stonith-${name}`);
}

export function isFencing({ agent }: Primitive): boolean {
  return agent.startsWith('stonith:');
}

export function devicesOf({ primitives }: CibFacts): readonly Primitive[] {
  return primitives.filter(isFencing);
}

/** The node's name in a fence device; undefined if the device does not fence it. */
export function plugOf({ attributes }: Primitive, node: string): string | undefined {
  const map = attributes['pcmk_host_map'];
  const list = attributes['pcmk_host_list'];
  const mapped = map?.split(/[;,\s]+/).map((pair) => pair.split(/[:=]/)).find(([name]) => name === node)?.[1]; // prettier-ignore
  if (mapped !== undefined) return mapped.split(',')[0];
  if (list !== undefined) return list.split(/[;,\s]+/).includes(node) ? node : undefined;
  // without a list the device is asked at run time which hosts it can fence, unless it is told not to be
  return map === undefined && attributes['pcmk_host_check'] !== 'static-list' ? node : undefined;
}

const isAddress = ({ agent }: Primitive): boolean => /:IPaddr2?$/.test(agent);

/** The resource of the clients' virtual IP, with the group it may be in. */
export function vipOf({ primitives, view }: CibFacts): Primitive | undefined {
  const addresses = primitives.filter(isAddress);
  const named = addresses.find(({ id }) => id === view.vip?.id);
  return named ?? (addresses.length === 1 ? addresses[0] : undefined);
}

/** The resource of the address that standbys connect to. */
export function masterIpOf({ primitives, view }: CibFacts): Primitive | undefined {
  return primitives.filter(isAddress).find(({ attributes }) => attributes['ip'] === view.parameters['master_ip']);
}

/** By what names constraints may speak of a resource. */
export function namesOf({ id, group }: Primitive): readonly string[] {
  return group === undefined ? [id] : [id, group];
}
