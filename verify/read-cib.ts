// A CIB, as far as the checks judge it. Any writer's: groups and the old `master` element are known too. Pure.
import { readView } from '../cli/region/view.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import type { Values } from '../lib/pacemaker/cib.ts';
import { children, nvpairs, type Element } from '../lib/pacemaker/element.ts';
import { scanXml } from '../lib/pacemaker/scan.ts';
import type { CibFacts, Operation, Primitive } from './facts.ts';

/** Reads the text. Throws `UnreadableAnswer` if it is no CIB, or has no such PostgreSQL resource. */
export function readCib(text: string, resource: string | undefined): CibFacts {
  const cib = scanXml(text);
  if (cib.name !== 'cib') throw new UnreadableAnswer(`this is no CIB, but <${cib.name}>`);
  const hasStatus = children(child(cib, 'status'), 'node_state').length > 0;
  const whole = child(cib, 'status') === undefined ? text.replace(/<\/cib>\s*$/, '<status/></cib>') : text;
  const view = readView({ code: 0, stdout: whole, stderr: '' }, resource);
  const configuration = child(cib, 'configuration');
  const resources = child(configuration, 'resources');
  const primitives = primitivesIn(resources);
  const postgres = primitives.find(({ id }) => id === view.resource);
  if (postgres === undefined) throw new UnreadableAnswer(`${view.resource} is in no place that is known`);
  return {
    ...{ view, hasStatus, primitives, postgres },
    properties: nvpairs(children(child(configuration, 'crm_config'), 'cluster_property_set')),
    defaults: nvpairs(children(child(configuration, 'rsc_defaults'), 'meta_attributes')),
    cloneMeta: metaOf(resources?.children.find(({ attributes }) => attributes['id'] === view.clone)),
    constraints: (child(configuration, 'constraints')?.children ?? []).map(constraint),
  };
}

/** A clone of the kind `master` is promotable by what it is. */
function metaOf(clone: Element | undefined): Values {
  const promotable = clone?.name === 'master' ? { promotable: 'true' } : {};
  return { ...promotable, ...nvpairs(children(clone, 'meta_attributes')) };
}

function child(owner: Element | undefined, name: string): Element | undefined {
  return children(owner, name)[0];
}

function primitivesIn(owner: Element | undefined, group?: string): readonly Primitive[] {
  return (owner?.children ?? []).flatMap((one) => {
    if (one.name === 'primitive') return [primitive(one, group)];
    return primitivesIn(one, one.name === 'group' ? one.attributes['id'] : group);
  });
}

function primitive(element: Element, group: string | undefined): Primitive {
  const { id = '', class: kind, provider, type } = element.attributes;
  return {
    ...{ id, group },
    agent: [kind, provider, type].filter((part) => part !== undefined).join(':'),
    attributes: nvpairs(children(element, 'instance_attributes')),
    meta: nvpairs(children(element, 'meta_attributes')),
    operations: children(child(element, 'operations'), 'op').map(operation),
  };
}

function operation({ attributes }: Element): Operation {
  return { name: '', ...attributes };
}

/** A location may be said by a rule: then the rule's score and role are the constraint's. */
function constraint({ name, attributes, children: inner }: Element): Values {
  const rule = inner.find((one) => one.name === 'rule')?.attributes ?? {};
  return { ...rule, ...attributes, constraint: name.replace('rsc_', '') };
}
