// Which virtual IP is the clients': the primary may carry another for its standbys, and more.
import { isPromotedRole } from '../../lib/pacemaker/dialect.ts';
import { children, nvpairs, type Element } from '../../lib/pacemaker/element.ts';

export type Address = { readonly id: string; readonly address: string };

type Region = {
  readonly resources: Element | undefined;
  readonly constraints: Element | undefined;
  /** By what names constraints may speak of the database: the resource and its clone. */
  readonly database: readonly string[];
  /** The agent's parameter: where standbys connect to. */
  readonly masterIp: string;
};

/**
 * The first address that must be where the primary is and is not the standbys' own; if there is only one for both, that. In a
 * region made by hand as the pgsql agent's documentation has it, these are vip-master and vip-rep.
 */
export function clientsAddress({ resources, constraints, database, masterIp }: Region): Address | undefined {
  const all = addressesIn(resources, []);
  const withPrimary = new Set(children(constraints, 'rsc_colocation').flatMap((one) => followsPrimary(one, database)));
  const own = all.find(({ address, names }) => address !== masterIp && names.some((name) => withPrimary.has(name)));
  const found = own ?? all.find(({ address }) => address === masterIp);
  return found && { id: found.id, address: found.address };
}

/** Every IPaddr2 with its names: its own, and those of what it lies in. */
function addressesIn(
  owner: Element | undefined,
  around: readonly string[],
): readonly (Address & { readonly names: readonly string[] })[] {
  return (owner?.children ?? []).flatMap((one) => {
    const id = one.attributes['id'] ?? '';
    const names = [id, ...around];
    const address = nvpairs(children(one, 'instance_attributes'))['ip'];
    if (one.name !== 'primitive') return addressesIn(one, names);
    return one.attributes['type'] === 'IPaddr2' && address !== undefined ? [{ id, address, names }] : [];
  });
}

function followsPrimary({ attributes }: Element, database: readonly string[]): readonly string[] {
  const { rsc, 'with-rsc': withRsc = '', 'with-rsc-role': role, score = 'INFINITY' } = attributes;
  const follows = database.includes(withRsc) && isPromotedRole(role) && !score.startsWith('-');
  return follows && rsc !== undefined ? [rsc] : [];
}
