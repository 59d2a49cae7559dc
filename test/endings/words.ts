// The words that endings are told in.
import type { Stage } from '../scenarios/stage.ts';
import { waitUntil } from '../scenarios/waiting.ts';
import type { Pair } from './ending.ts';

export const data = '/var/lib/postgresql/15/main';
export const bin = '/usr/lib/postgresql/15/bin';

export async function untilOffline(stage: Stage, node: string): Promise<void> {
  await waitUntil(`${node} has left`, async () => (await stage.look())?.online.includes(node) === false, 60);
}

export async function stopNode(stage: Stage, on: string, node: string): Promise<void> {
  await stage.must(on, ['pcs', 'cluster', 'stop', node, '--force']);
}

export const shell = (stage: Stage, node: string, script: string) => stage.must(node, ['sh', '-euc', script]);
export const pcs = (stage: Stage, node: string, ...args: readonly string[]) => stage.must(node, ['pcs', ...args]);
export const sql = (stage: Stage, node: string, text: string) =>
  shell(stage, node, `cd /; runuser -u postgres -- psql -XAtqc "${text}" postgres`);

export async function rebootBoth(stage: Stage): Promise<void> {
  await Promise.all(stage.nodes.map((node) => stage.on(node, ['systemctl', 'reboot']).catch(() => undefined)));
  for (const node of stage.nodes)
    await waitUntil(`${node} is up again`, async () => {
      if (!stage.testbed.isOn(node)) return false;
      return (await stage.on(node, ['crm_node', '-n'], { timeoutMs: 5000 }).catch(() => ({ code: 1 }))).code === 0;
    }, 180);
} // prettier-ignore

/** The standby is out of the cluster while something is done to its data. */
export async function whileAway(stage: Stage, { primary, standby }: Pair, work: () => Promise<unknown>): Promise<void> {
  await stopNode(stage, primary, standby);
  await untilOffline(stage, standby);
  await work();
  await pcs(stage, primary, 'cluster', 'start', standby);
}

export async function untilStreams(stage: Stage, node: string): Promise<void> {
  const streams = async () =>
    (await stage.look())?.attributes[node]?.['postgresql-data-status']?.startsWith('STREAMING');
  await waitUntil(`${node} streams`, streams, 60);
}
