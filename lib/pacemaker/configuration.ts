// The configuration in a CIB, as far as cfha writes one: resources, constraints, properties, defaults.
// (cib.ts reads the state of nodes from the same document.)
import { UnreadableAnswer } from '../host/exec.ts';
import { ourProperties, ourRoles } from './dialect.ts';
import { children, nvpairs, type Element } from './element.ts';
import { parseXml } from './xml.ts';

export type Pairs = Readonly<Record<string, string>>;

export type ConfiguredOperation = { readonly name: string; readonly interval: string } & Pairs;

export type ConfiguredResource = {
  /** `stonith:fence_vmware_soap`, `ocf:heartbeat:IPaddr2` */
  readonly agent: string;
  readonly attributes: Pairs;
  readonly meta: Pairs;
  readonly operations: readonly ConfiguredOperation[];
};

export type Configuration = {
  readonly resources: Readonly<Record<string, ConfiguredResource | undefined>>;
  /** Clone id -> the resource in it and its meta attributes. */
  readonly clones: Readonly<Record<string, { readonly of: string; readonly meta: Pairs } | undefined>>;
  /** Attributes of each constraint, without its id. */
  readonly constraints: readonly Pairs[];
  /** Fencing levels of nodes: `devices` with commas between them. */
  readonly levels: readonly { readonly target: string; readonly index: string; readonly devices: string }[];
  readonly properties: Pairs;
  readonly resourceDefaults: Pairs;
};

/** Nothing is configured. */
export const emptyConfiguration: Configuration = {
  resources: {},
  clones: {},
  constraints: [],
  levels: [],
  properties: {},
  resourceDefaults: {},
};

/** Reads the configuration of a CIB. Throws `UnreadableAnswer` if the text is none. */
export async function readConfiguration(xml: string): Promise<Configuration> {
  const cib = await parseXml(xml);
  const section = cib?.name === 'cib' ? children(cib, 'configuration')[0] : undefined;
  if (section === undefined) throw new UnreadableAnswer('no configuration in the CIB');
  const within = (name: string) => children(section, name)[0];
  const resources = within('resources');
  const clones = children(resources, 'clone');
  const primitives = [...children(resources, 'primitive'), ...clones.flatMap((clone) => children(clone, 'primitive'))];
  return {
    resources: Object.fromEntries(primitives.map((p) => [p.attributes['id'] ?? '', resource(p)])),
    clones: Object.fromEntries(
      clones.map((clone) => [
        clone.attributes['id'] ?? '',
        {
          of: children(clone, 'primitive')[0]?.attributes['id'] ?? '',
          meta: nvpairs(children(clone, 'meta_attributes')),
        },
      ]),
    ),
    constraints: (within('constraints')?.children ?? []).map(({ name, attributes }) => {
      const { id: _, ...rest } = attributes;
      return { constraint: name.replace('rsc_', ''), ...ourRoles(rest) };
    }),
    levels: children(within('fencing-topology'), 'fencing-level').map(({ attributes: { target, index, devices } }) => {
      return { target: target ?? '', index: index ?? '', devices: devices ?? '' };
    }),
    properties: ourProperties(nvpairs(children(within('crm_config'), 'cluster_property_set'))),
    resourceDefaults: nvpairs(children(within('rsc_defaults'), 'meta_attributes')),
  };
}

function resource(element: Element): ConfiguredResource {
  const { class: kind, provider, type } = element.attributes;
  return {
    agent: [kind, provider, type].filter((part) => part !== undefined).join(':'),
    attributes: nvpairs(children(element, 'instance_attributes')),
    meta: nvpairs(children(element, 'meta_attributes')),
    operations: children(children(element, 'operations')[0], 'op').map(({ attributes }) => {
      return { name: '', interval: '0s', ...ourRoles(attributes) };
    }),
  };
}
