// What pcs and Pacemaker call differently from release to release. Everything that differs is here; recordings of the real
// tools are in test/recordings/pcs (made by test/record/run.ts).
//   pcs 0.10 (Debian 11, EL 8): roles are Master and Slave; 0.10.1 to 0.10.6 have `resource defaults` without `update`
//                                  `stonith level remove LEVEL NODE` has the node without the word target
//   pcs 0.11 (Debian 12, EL 9), 0.12 (Debian 13, EL 10): roles are Promoted and Unpromoted
//   Pacemaker 3.0.2: properties stonith-… are called fencing-…; both names are read
import { clusterOption, readRole, renamedOptions } from './values.ts';

type Pairs = Readonly<Record<string, string>>;

export type Dialect = {
  /** What pcs takes for a role of ours. */
  readonly role: (ours: string) => string;
  /** What Pacemaker calls a cluster property. */
  readonly property: (ours: string) => string;
  /** How `pcs stonith level remove` names a node. */
  readonly target: (node: string) => readonly string[];
  /** The words of pcs that set resource defaults. */
  readonly defaults: readonly [string, ...string[]];
};

type Versions = Readonly<Record<string, string | undefined>>;

/** The dialect of these versions; of what is not known, the newest that is tested. */
export function dialectOf({ pcs = '0.11', pacemaker = '2.1' }: Versions): Dialect {
  const former = isBefore(pcs, [0, 11]);
  const renamed = !isBefore(pacemaker, [3, 0, 2]);
  return {
    role: (ours) => (former ? (formerRoles[ours] ?? ours) : ours),
    property: (ours) => (renamed ? (renamedOptions[ours] ?? ours) : ours),
    target: (node) => (former ? [node] : ['target', node]),
    defaults: isBefore(pcs, [0, 10, 7]) ? ['resource', 'defaults'] : ['resource', 'defaults', 'update'],
  };
}

const formerRoles: Pairs = { Promoted: 'Master', Unpromoted: 'Slave' };

/** The names that we use, whatever the release writes: roles in constraints and operations. */
export function ourRoles(attributes: Pairs): Pairs {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, name.endsWith('role') ? ourRole(value) : value]),
  );
}

function ourRole(role: string): string {
  return readRole(role) ?? role;
}

/** Properties by the names that we use; where both are set, with the value that Pacemaker takes. */
export function ourProperties(properties: Pairs): Pairs {
  const former = Object.entries(renamedOptions).filter(([name, now]) => name in properties || now in properties);
  const others = Object.entries(properties).filter(([name]) => !Object.values(renamedOptions).includes(name));
  return Object.fromEntries([...others, ...former.map(([name]) => [name, clusterOption(properties, name)])]) as Pairs;
}

function isBefore(version: string, than: readonly number[]): boolean {
  const found = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  for (const [i, part] of than.entries()) {
    const difference = (found[i] ?? 0) - part;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Whether a CIB of any release means the promoted role. */
export function isPromotedRole(role: string | undefined): boolean {
  return readRole(role) === 'Promoted';
}
