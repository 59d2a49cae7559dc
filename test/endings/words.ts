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

/** Until each has booted anew: one that goes down answers for a while. */
export async function rebootBoth(stage: Stage): Promise<void> {
  const old = '/run/booted-before';
  for (const node of stage.nodes) await stage.must(node, ['touch', old]);
  await Promise.all(stage.nodes.map((node) => stage.on(node, ['systemctl', 'reboot']).catch(() => undefined)));
  const asked = { timeoutMs: 5000 };
  const isNew = ['sh', '-c', `test ! -e ${old} && crm_node -n`];
  for (const node of stage.nodes)
    await waitUntil(
      `${node} is up again`,
      async () => stage.testbed.isOn(node) && (await succeeds(stage.on(node, isNew, asked))),
      180,
    );
}

/** A node that goes down may end the question. */
const succeeds = (asked: ReturnType<Stage['on']>): Promise<boolean> =>
  asked.then(({ code }) => code === 0).catch(() => false);

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
