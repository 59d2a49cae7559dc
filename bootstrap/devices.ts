// The fence devices of a region: one, or several that are tried level after level. The region file's two forms become one here.
import type { Spec } from './spec.ts';

export type Device = {
  /** Also the name of its resource in Pacemaker. */
  readonly name: string;
  /** Devices of the first level are tried first; all of one level must succeed. */
  readonly level: number;
  readonly agent: string;
  readonly options: Readonly<Record<string, string>>;
  readonly hasPassword: boolean;
  /** What it calls each node's machine; undefined for one that is part of a machine, as a management board. */
  readonly machines: Readonly<Record<string, string>> | undefined;
  /** The nodes that it can power. */
  readonly nodes: readonly string[];
};

/** The name of a device that the file gives none. */
export const onlyDevice = 'fencing';

/** All devices, in the order of the file. */
export function devicesOf({ fencing }: Spec): readonly Device[] {
  const { agent = '', options, hosts, password, devices } = fencing;
  const given = devices ?? [{ name: onlyDevice, level: 1, agent, options, password, hosts, nodes: undefined }];
  return given.map((one) => ({
    name: one.name,
    level: one.level,
    agent: one.agent,
    options: one.options,
    hasPassword: one.password !== undefined,
    machines: one.hosts,
    nodes: one.hosts === undefined ? (one.nodes ?? []) : Object.keys(one.hosts),
  }));
}

/** The fence agents, each once. */
export function fenceAgents(spec: Spec): readonly string[] {
  return [...new Set(devicesOf(spec).map(({ agent }) => agent))];
}

export type Level = { readonly target: string; readonly index: string; readonly devices: string };

/** The order in which devices are tried for each node; none where each node has one device. */
export function levelsOf(spec: Spec): readonly Level[] {
  const all = devicesOf(spec);
  const of = (node: string) => all.filter(({ nodes }) => nodes.includes(node));
  if (spec.nodes.every(({ name }) => of(name).length < 2)) return [];
  return spec.nodes.flatMap(({ name }) =>
    [...new Set(of(name).map(({ level }) => level))]
      .toSorted((a, b) => a - b)
      .map((level) => ({
        target: name,
        index: String(level),
        devices: of(name)
          .filter((device) => device.level === level)
          .map((device) => device.name)
          .join(','),
      })),
  );
}

/** Which secret of a device is meant. */
export const passwordFile = ({ name }: Pick<Device, 'name'>): string =>
  name === onlyDevice ? '/etc/cfha/fencing.password' : `/etc/cfha/fencing-${name}.password`;
/** Prints the password: fence agents run it, so that the password is in no configuration. */
export const passwordScript = ({ name }: Pick<Device, 'name'>): string =>
  name === onlyDevice ? '/etc/cfha/fencing-password' : `/etc/cfha/fencing-${name}-password`;
