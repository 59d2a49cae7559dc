// What every goal must stand: killed before any of its commands, and made again.
import { expect } from '@jest/globals';
import type { Outcome } from '../../../bootstrap/reach.ts';
import type { PretendHosts } from './pretend-hosts.ts';

/** Whatever command it is killed before: made again from there, `bare` hosts end as the `whole` ones. */
export async function endsTheSame(
  whole: PretendHosts,
  bare: () => PretendHosts,
  run: (hosts: PretendHosts) => Promise<Outcome>,
): Promise<void> {
  expect(whole.story).not.toHaveLength(0);
  for (let n = 0; n < whole.story.length; n++) {
    const hosts = bare();
    hosts.killAfter = n;
    await expect(run(hosts)).rejects.toThrow('killed');
    hosts.killAfter = Infinity;
    expect(await run(hosts)).toMatchObject({ ended: 'done' });
    expect(hosts.facts).toEqual(whole.facts);
  }
}
