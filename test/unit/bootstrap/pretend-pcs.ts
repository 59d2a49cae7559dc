// What pcs makes of its commands, on data.
import type { CorosyncFacts } from '../../../bootstrap/facts.ts';
import type { Configuration, Pairs } from '../../../lib/pacemaker/configuration.ts';

export const pairs = (words: readonly string[]): Pairs =>
  Object.fromEntries(
    words
      .filter((word) => word.includes('='))
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );

/** `db1 addr=A addr=B db2 addr=C addr=D` */
export function nodesOfSetup(words: readonly string[]): CorosyncFacts['nodes'] {
  return words.flatMap((word, i) => {
    if (word.includes('=') || word.startsWith('--')) return [];
    const [address = '', second] = words
      .slice(i + 1, i + 3)
      .flatMap((one) => (one.startsWith('addr=') ? [one.slice(5)] : []));
    const isSecond = words[i + 2]?.startsWith('addr=') === true;
    return [{ name: word, address, ...(isSecond && second !== undefined ? { second } : {}) }];
  });
}

/** What pcs makes of a command in a configuration file. */
export function edit(before: Configuration, words: readonly string[]): Configuration {
  const [kind = '', verb = '', third = '', fourth = ''] = words;
  switch (`${kind} ${verb}`) {
    case 'property set':
      return { ...before, properties: { ...before.properties, ...pairs(words) } };
    case 'resource defaults':
      return { ...before, resourceDefaults: { ...before.resourceDefaults, ...pairs(words) } };
    case 'resource update':
      return withResource(before, third, (one) => ({ ...one, attributes: { ...one.attributes, ...pairs(words) } }));
    case 'resource meta':
      return withMeta(before, third, pairs(words));
    case 'resource op':
      return third === 'remove'
        ? withoutOperation(before, fourth)
        : withResource(before, fourth, (one) => ({
            ...one,
            operations: [...one.operations, operationOf(words.slice(4))],
          }));
    case 'resource promotable':
      return { ...before, clones: { [fourth]: { of: third, meta: pairs(words) } } };
    case 'stonith level':
      return { ...before, levels: levels(before.levels, words) };
    case 'constraint colocation':
    case 'constraint order':
      return { ...before, constraints: [...before.constraints, constraint(words)] };
    default:
      return { ...before, resources: { ...before.resources, [third]: createdResource(kind, words) } };
  }
}

function levels(
  before: Configuration['levels'],
  [, , verb, index = '', ...rest]: readonly string[],
): Configuration['levels'] {
  if (verb === 'add') return [...before, { index, target: rest[0] ?? '', devices: rest.slice(1).join(',') }];
  return before.filter((level) => level.index !== index || level.target !== rest[1]);
}

type Resource = NonNullable<Configuration['resources'][string]>;

function withResource(before: Configuration, id: string, change: (one: Resource) => Resource): Configuration {
  const one = before.resources[id];
  return one === undefined ? before : { ...before, resources: { ...before.resources, [id]: change(one) } };
}

function withMeta(before: Configuration, id: string, meta: Pairs): Configuration {
  const clone = before.clones[id];
  if (clone === undefined) return withResource(before, id, (one) => ({ ...one, meta: { ...one.meta, ...meta } }));
  return { ...before, clones: { ...before.clones, [id]: { ...clone, meta: { ...clone.meta, ...meta } } } };
}

function withoutOperation(before: Configuration, operation: string): Configuration {
  return Object.keys(before.resources).reduce(
    (all, id) =>
      withResource(all, id, (one) => ({ ...one, operations: one.operations.filter((op) => op['id'] !== operation) })),
    before,
  );
}

const operationOf = (words: readonly string[]) => ({ name: words[0] ?? '', interval: '0s', ...pairs(words) });

function constraint(words: readonly string[]): Pairs {
  const named = (names: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(names).map(([name, at]) => [name, words[at] ?? '']));
  if (words[1] === 'colocation') {
    return { constraint: 'colocation', ...named({ rsc: 3, 'with-rsc-role': 5, 'with-rsc': 6, score: 7 }) };
  }
  const order = named({ 'first-action': 2, first: 3, 'then-action': 5, then: 6 });
  return { constraint: 'order', ...order, ...pairs(words) };
}

function createdResource(kind: string, words: readonly string[]): Configuration['resources'][string] {
  const starts = words.flatMap((word, i) => (word === 'op' || word === 'meta' ? [i] : []));
  const part = (from: number, i: number) => words.slice(from, starts[i + 1] ?? words.length);
  const parts = starts.map(part);
  return {
    agent: kind === 'stonith' ? `stonith:${words[3] ?? ''}` : (words[3] ?? ''),
    attributes: pairs(words.slice(4, starts[0])),
    meta: pairs(parts.find((words_) => words_[0] === 'meta') ?? []),
    operations: parts.filter((p) => p[0] === 'op').map((p) => ({ name: p[1] ?? '', interval: '0s', ...pairs(p) })),
  };
}
