// The few words that the cases are told in.
import { expect, staysWhile, waitUntil } from '../scenarios/waiting.ts';
import { sleep } from '../testbed/processes.ts';
import { service, statusOf, untilServing, untilStandby, type Pair, type SiteNode } from './pair.ts';

export async function cfha(pair: Pair, node: SiteNode, ...args: readonly string[]): Promise<string> {
  return pair.sh(node, `cfha global ${args.join(' ')} 2>&1`, { timeoutMs: 180_000 });
}

/** The first site becomes a standby, and then the primary again. */
export async function failBack(pair: Pair): Promise<void> {
  pair.say(await cfha(pair, 'db1', 'rejoin --yes'));
  await untilStandby(pair, 'db1', 30);
  await backToFirst(pair);
}

export async function backToFirst(pair: Pair): Promise<void> {
  pair.say(await cfha(pair, 'db1', 'switchover --yes'));
  await untilServing(pair, 'db1', 15);
  await untilStandby(pair, 'db2', 30);
}

/** Both servers are started anew by it. */
export async function thereAndBack(pair: Pair): Promise<void> {
  pair.say(await cfha(pair, 'db2', 'switchover --yes'));
  await untilServing(pair, 'db2', 15);
  await untilStandby(pair, 'db1', 30);
  await backToFirst(pair);
}

export const serverStopped = (pair: Pair, node: SiteNode) =>
  waitUntil(`${node} has stopped by itself`, async () => (await statusOf(pair, node))?.here.server === 'stopped', 30);

export const stopServer = (pair: Pair, node: SiteNode) => pair.sh(node, `systemctl stop ${service}`);

/** Everything that listens stays as it is, and nothing answers any more. */
export const freeze = (pair: Pair, node: SiteNode) => pair.sh(node, 'pkill -STOP -u postgres postgres');
export const thaw = (pair: Pair, node: SiteNode) => pair.sh(node, 'pkill -CONT -u postgres postgres || true');

/** Only the line between the sites: what is sent is lost, or (`unreachable`) the router before it says that there is no way. */
export const cutLine = (
  pair: Pair,
  { node, to, how = 'drop' }: { node: string; to: string; how?: 'drop' | 'unreachable' },
) => {
  const out = how === 'drop' ? 'drop' : 'reject with icmp host-unreachable';
  return pair.sh(
    node,
    `nft -f - <<'E'
table ip cut {
  chain in { type filter hook input priority -100; ip saddr ${to} ${out}; }
  chain out { type filter hook output priority -100; ip daddr ${to} ip protocol icmp accept; ip daddr ${to} ${out}; }
}
E`,
  );
};
export const mendLine = (pair: Pair, node: string) => pair.sh(node, 'nft delete table ip cut');

export const serves = (pair: Pair, node: SiteNode) => async (): Promise<boolean> =>
  (await statusOf(pair, node))?.writable === 'here';

/** The line between the sites is cut for so long, the first site goes on, and then the second follows it again. */
export async function goesOnWhileCut(pair: Pair, at: { node: string; to: string }, ms: number): Promise<void> {
  await cutLine(pair, at);
  await staysWhile('the first site goes on', serves(pair, 'db1'), () => sleep(ms));
  await mendLine(pair, at.node);
  await untilStandby(pair, 'db2', 30);
}

type Refusal = Readonly<{ node: SiteNode; call: string; code: number; says: string }>;

/** A call that must not come to anything, for the reason that it says. */
export async function isRefused(pair: Pair, { node, call, code, says }: Refusal): Promise<void> {
  const found = await pair.on(node, ['sh', '-c', `cd /; ${call}`], { timeoutMs: 120_000 });
  const said = `${found.stdout}\n${found.stderr}`.trim();
  expect(found.code === code && said.includes(says), `${node}: ${call}: exit code ${found.code}: ${said}`);
  pair.say(`   ${said.split('\n').find((line) => line.includes(says)) ?? ''}`);
}
