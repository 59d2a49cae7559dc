// What is wanted of Pacemaker and not there, and the commands that mend it. Against an empty configuration that is all of it:
// a region is built and repaired by the same rules. More than is wanted (an administrator's own) is no difference.
import type { Argv } from '../../lib/host/exec.ts';
import type { Configuration, ConfiguredResource, Pairs } from '../../lib/pacemaker/configuration.ts';
import type { Editor, Operation } from '../../lib/pacemaker/pcs.ts';
import { isSameValue } from '../../lib/pacemaker/values.ts';
import type { Level } from '../devices.ts';
import { resourceName, type Resource, type Wanted } from './wanted.ts';

export type Difference = {
  readonly says: readonly string[];
  /** What Pacemaker restarts when it gets this. */
  readonly restarts?: string;
  readonly mend: (pcs: Editor) => readonly Argv[];
};

/** Everything that is wanted and not there. */
export function differences(wanted: Wanted, found: Configuration): Difference[] {
  return [
    ...pairDifference('property', [wanted.properties, found.properties], (pcs, pairs) => pcs.properties(pairs)),
    ...policyDifference(found),
    ...pairDifference('resource default', [wanted.defaults, found.resourceDefaults], (pcs, pairs) =>
      pcs.defaults(pairs),
    ),
    ...wanted.resources.flatMap((resource) => resourceDifferences(resource, found.resources[resource.id])),
    ...cloneDifferences(wanted.clone, found),
    ...wanted.constraints
      .filter((constraint) => !found.constraints.some((other) => isWithin(constraint, other)))
      .map((constraint) => ({
        says: [`no constraint ${Object.values(constraint).join(' ')}`],
        mend: (pcs: Editor) => [constraintCommand(pcs, constraint)],
      })),
    ...wanted.levels.flatMap((level) => levelDifference(level, found)),
  ];
}

/** What a part without quorum does is left to Pacemaker (stop) or the administrator, unless it goes on serving. */
function policyDifference({ properties: found }: Configuration): Difference[] {
  const unsafe = ['ignore', 'freeze'].includes((found['no-quorum-policy'] ?? '').toLowerCase());
  return unsafe ? pairDifference('property', [{ 'no-quorum-policy': 'stop' }, found], (pcs, pairs) => pcs.properties(pairs)) : [];
} // prettier-ignore

/** Resources of our names that are another agent's: nothing that bootstrap would change. */
export function foreignResources(wanted: Wanted, found: Configuration) {
  return wanted.resources.flatMap(({ id, agent }) => {
    const there = found.resources[id]?.agent;
    return there === undefined || there === agent ? [] : [{ resource: id, found: there, wanted: agent }];
  });
}

/** The commands that put all of them into a configuration file. */
export function mendCommands(all: readonly Difference[], pcs: Editor): Argv[] {
  return all.flatMap(({ mend }) => mend(pcs));
}

/** By which the clients and the standbys are cut off for a while when Pacemaker is given new parameters of it. */
function restarted({ id, agent }: Resource): string | undefined {
  if (id === resourceName) return 'PostgreSQL on every node';
  return agent.endsWith(':IPaddr2') ? `the virtual IP ${id} (who uses it is cut off)` : undefined;
}

/** Another list of devices for the same node and level is in the way of it. */
function levelDifference({ target, index, devices }: Level, found: Configuration): Difference[] {
  const there = found.levels.find((level) => level.target === target && level.index === index);
  if (there?.devices === devices) return [];
  return [
    {
      says: [`fencing level ${index} of ${target} is ${there?.devices ?? 'not set'}, not ${devices}`],
      mend: (pcs) => [
        ...(there === undefined ? [] : [pcs.removeLevel(index, target)]),
        pcs.addLevel(index, target, devices.split(',')),
      ],
    },
  ];
}

function resourceDifferences(wanted: Resource, found: ConfiguredResource | undefined): Difference[] {
  const { id } = wanted;
  if (found === undefined) return [{ says: [`no resource ${id}`], mend: (pcs) => [pcs.create(wanted)] }];
  const restarts = restarted(wanted);
  const attributes = pairDifference(`resource ${id}:`, [wanted.attributes, found.attributes], (pcs, pairs) =>
    pcs.update(id, pairs),
  );
  return [
    ...attributes.map((one) => (restarts === undefined ? one : { ...one, restarts })),
    ...pairDifference(`resource ${id}: meta`, [wanted.meta, found.meta], (pcs, pairs) => pcs.meta(id, pairs)),
    ...wanted.operations
      .filter((operation) => !found.operations.some((other) => isWithin(operation, other)))
      .map((operation) => operationDifference(wanted, found, operation)),
  ];
}

/** An operation of the same name and role that is not one of the wanted is in the way of it. */
function operationDifference(wanted: Resource, found: ConfiguredResource, operation: Operation): Difference {
  const inTheWay = found.operations.filter(
    (other) =>
      other.name === operation.name &&
      other['role'] === operation['role'] &&
      !wanted.operations.some((one) => isWithin(one, other)),
  );
  return {
    says: [`resource ${wanted.id}: no operation ${Object.values(operation).join(' ')}`],
    mend: (pcs) => [
      ...inTheWay.flatMap(({ id }) => (id === undefined ? [] : [pcs.removeOperation(id)])),
      pcs.addOperation(wanted.id, operation),
    ],
  };
}

function cloneDifferences({ id, of, meta }: Wanted['clone'], found: Configuration): Difference[] {
  const there = found.clones[id];
  if (there === undefined) return [{ says: [`no clone ${id}`], mend: (pcs) => [pcs.promotable(id, of, meta)] }];
  return pairDifference(`clone ${id}: meta`, [meta, there.meta], (pcs, pairs) => pcs.meta(id, pairs));
}

function constraintCommand(pcs: Editor, given: Pairs): Argv {
  const text = (key: string) => given[key] ?? '';
  if (given['constraint'] === 'colocation') return pcs.withPromoted(text('rsc'), text('with-rsc'));
  const first = [text('first-action'), text('first')] as const;
  const then = [text('then-action'), text('then')] as const;
  return pcs.order(first, then, { kind: text('kind'), symmetrical: text('symmetrical') });
}

/** One difference for all pairs of one thing: one command. Parameters of agents (`resource ID:`) are no values of Pacemaker's. */
function pairDifference(
  what: string,
  [wanted, found]: readonly [Pairs, Pairs],
  mend: (pcs: Editor, pairs: Pairs) => Argv,
): Difference[] {
  const same = what.endsWith(':') ? (value: string, other: string | undefined) => other === value : isSameValue;
  const missing = Object.entries(wanted).filter(([name, value]) => !same(value, found[name]));
  if (missing.length === 0) return [];
  return [
    {
      says: missing.map(([name, value]) => `${what} ${name} is ${found[name] ?? 'not set'}, not ${value}`),
      mend: (pcs) => [mend(pcs, Object.fromEntries(missing))],
    },
  ];
}

function isWithin(wanted: Pairs, found: Pairs): boolean {
  return Object.entries(wanted).every(([name, value]) => isSameValue(value, found[name]));
}
