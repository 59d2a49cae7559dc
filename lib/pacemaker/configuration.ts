// The configuration in a CIB, as far as cfha writes one: resources, constraints, properties, defaults.
// (cib.ts reads the state of nodes from the same document.)
import { UnreadableAnswer } from '../host/exec.ts';
import { parseXml, type Element } from './xml.ts';

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
  readonly properties: Pairs;
  readonly resourceDefaults: Pairs;
};

/** Reads the configuration of a CIB. Throws `UnreadableAnswer` if the text is none. */
export async function readConfiguration(xml: string): Promise<Configuration> {
  const cib = await parseXml(xml);
  const section = cib?.name === 'cib' ? named(cib, 'configuration')[0] : undefined;
  if (section === undefined) throw new UnreadableAnswer('no configuration in the CIB');
  const within = (name: string) => named(section, name)[0];
  const resources = within('resources');
  const clones = named(resources, 'clone');
  const primitives = [...named(resources, 'primitive'), ...clones.flatMap((clone) => named(clone, 'primitive'))];
  return {
    resources: Object.fromEntries(primitives.map((p) => [p.attributes['id'] ?? '', resource(p)])),
    clones: Object.fromEntries(
      clones.map((clone) => [
        clone.attributes['id'] ?? '',
        { of: named(clone, 'primitive')[0]?.attributes['id'] ?? '', meta: pairs(named(clone, 'meta_attributes')) },
      ]),
    ),
    constraints: (within('constraints')?.children ?? []).map(({ name, attributes }) => {
      const { id: _, ...rest } = attributes;
      return { constraint: name.replace('rsc_', ''), ...rest };
    }),
    properties: pairs(named(within('crm_config'), 'cluster_property_set')),
    resourceDefaults: pairs(named(within('rsc_defaults'), 'meta_attributes')),
  };
}

function resource(element: Element): ConfiguredResource {
  const { class: kind, provider, type } = element.attributes;
  return {
    agent: [kind, provider, type].filter((part) => part !== undefined).join(':'),
    attributes: pairs(named(element, 'instance_attributes')),
    meta: pairs(named(element, 'meta_attributes')),
    operations: named(named(element, 'operations')[0], 'op').map(({ attributes }) => {
      const { id: _, ...rest } = attributes;
      return { name: '', interval: '0s', ...rest };
    }),
  };
}

function named(element: Element | undefined, name: string): readonly Element[] {
  return (element?.children ?? []).filter((child) => child.name === name);
}

function pairs(sets: readonly Element[]): Pairs {
  const values = sets.flatMap((set) => named(set, 'nvpair'));
  return Object.fromEntries(values.map(({ attributes }) => [attributes['name'] ?? '', attributes['value'] ?? '']));
}
