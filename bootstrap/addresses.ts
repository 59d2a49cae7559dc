// The addresses that follow the primary: the clients', the standbys' if they have one of their own, and more.
import type { Spec } from './spec.ts';

export type Virtual = { readonly id: string; readonly address: string; readonly prefix: number };

/** The resource of the clients' address. */
export const vipName = 'pgvip';

export function virtualsOf({ vip, postgres }: Spec): readonly Virtual[] {
  const own = postgres.replication.vip;
  return [
    { id: vipName, address: vip.address, prefix: vip.prefix },
    ...(own === undefined ? [] : [{ id: `${vipName}-replication`, ...own }]),
    ...vip.more.map((one, i) => ({ id: `${vipName}-${String(i + 2)}`, ...one })),
  ];
}

/** Where standbys find the primary. */
export function replicationAddress({ vip, postgres }: Spec): string {
  return postgres.replication.vip?.address ?? vip.address;
}

/** The nodes' addresses in the second ring; none if the file gives none. */
export function secondRing({ nodes }: Spec): readonly { readonly name: string; readonly address: string }[] {
  return nodes.flatMap(({ name, second_address: address }) => (address === undefined ? [] : [{ name, address }]));
}
