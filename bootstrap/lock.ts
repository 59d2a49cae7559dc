// Two administrators at once: the second is told who is at work. A lock on every node, held by a program there that lives as
// long as the connection: it ends with cfha, however that ends.
import type { Hosts } from './hosts.ts';
import type { Report } from './reports.ts';

// The holder's name is written by who has the lock, beside it. `cat` waits for the end of its input, which is our end.
export const lockScript = `exec 9>>/run/cfha-region.lock
if flock -n 9; then printf '%s\\n' "$1" >/run/cfha-region.holder; echo held; cat >/dev/null; rm -f /run/cfha-region.holder
else cat /run/cfha-region.holder; exit 75; fi`;

export type Lock = { readonly release: () => Promise<void> };

/** Takes the lock of every node, in the order of their names, or says who has one. */
export async function lockNodes(
  hosts: Pick<Hosts, 'hold'>,
  who: string,
  names: readonly string[],
): Promise<Lock | Report> {
  const held: Lock[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(held.map((one) => one.release()));
  };
  for (const name of names.toSorted()) {
    const one = await hosts.hold(name, ['sh', '-c', lockScript, 'lock', who]);
    if ('refused' in one) {
      await release();
      return { code: 'LOCKED', host: name, holder: one.refused.trim() || 'it does not say who' };
    }
    held.push(one);
  }
  return { release };
}
