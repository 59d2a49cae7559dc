// How far the work in the background is, where everybody in the cluster can see it: in a node attribute.
import { monotonicMs, timeOfDayMs } from '../lib/host/clock.ts';
import { writeAttributeArgv } from '../lib/pacemaker/attributes.ts';
import { readProgress } from '../lib/postgres/basebackup.ts';
import { attributes } from '../meta/attributes.ts';
import type { Way } from '../meta/types.ts';
import type { Site } from './site.ts';

/** Each write of an attribute makes the cluster think again. */
const everyMs = 5000;

type Progress = { readonly follow: (text: string) => void; readonly settled: () => Promise<unknown> };

/** Told by what a program prints. In the foreground nobody waits long enough to ask. */
export function progressOf(way: Way, site: Site, bytes = 0): Progress {
  const since = Math.floor(timeOfDayMs() / 1000);
  let last = 0;
  let writing: Promise<unknown> = Promise.resolve();
  const write = (done: number, total: number): void => {
    last = monotonicMs();
    const value = `${way} ${done}/${Math.max(done, total)} since ${since}`;
    writing = writing.then(() => writeProgress(site, value));
  };
  if (site.job === true) write(0, bytes);
  const follow = (text: string): void => {
    const amount = site.job === true && monotonicMs() - last >= everyMs ? readProgress(text) : undefined;
    if (amount !== undefined) write(amount.done, amount.total);
  };
  return { follow, settled: () => writing };
}

export async function writeProgress({ call, exec, environment }: Site, value: string | undefined): Promise<void> {
  const name = attributes.rejoin.name(call.resource);
  const node = environment?.()['OCF_RESKEY_CRM_meta_on_node'] ?? call.node; // as the cluster spells it
  const argv = writeAttributeArgv({ node, name, lifetime: 'reboot', value });
  await exec({ argv, timeoutMs: 5000 });
} // prettier-ignore
