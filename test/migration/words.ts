// What an administrator does and looks at when a region changes its agent.
import { basename } from 'node:path';
import { attributes } from '../../meta/attributes.ts';
import { passSignal } from '../testbed/processes.ts';
import { primaryOf, unhealthy, type Seen } from '../scenarios/seen.ts';
import { untilHealthy, type Stage } from '../scenarios/stage.ts';
import { expect, waitUntil } from '../scenarios/waiting.ts';
import { copyDatabase, data, shell, tmpdir } from './by-hand.ts';

export type AgentName = 'ocf:heartbeat:pgsql' | 'ocf:custom:cfpgsql';

/** Puts the executable and the agent's link on a node: all there is to install. */
export async function install(stage: Stage, node: string): Promise<void> {
  await stage.must('admin', ['scp', '-q', stage.cfha, `root@${node}:/usr/sbin/${basename(stage.cfha)}`]);
  const link =
    'install -d /usr/lib/ocf/resource.d/custom; ln -sf /usr/sbin/cfha /usr/lib/ocf/resource.d/custom/cfpgsql';
  await shell(stage, node, link);
}

/** The postmaster of each node, told from a later one with the same number by its time of start. */
export async function postmasters(stage: Stage): Promise<string> {
  const script = `pid=$(head -n1 ${data}/postmaster.pid); echo "$pid since tick $(cut -d' ' -f22 /proc/$pid/stat)"`;
  const found = await Promise.all(stage.nodes.map((node) => shell(stage, node, script)));
  return stage.nodes.map((node, i) => `${node}: ${found[i]?.trim() ?? ''}`).join(', ');
}

export async function agentOf(stage: Stage): Promise<string> {
  const [node] = stage.nodes;
  const xml = await stage.must(node, ['cibadmin', '--query', '--xpath', `//primitive[@id='postgresql']`]);
  const primitive = /<primitive [^>]*>/.exec(xml)?.[0] ?? '';
  const [provider, type] = ['provider', 'type'].map((key) => new RegExp(` ${key}="(\\w+)"`).exec(primitive)?.[1] ?? '');
  return `ocf:${provider ?? ''}:${type ?? ''}`;
}

/** The recurring monitors in the cluster's history: node → agent type, interval in ms and exit code. */
async function monitors(stage: Stage): Promise<string> {
  const [node] = stage.nodes;
  const xml = await stage.must(node, ['cibadmin', '--query', '--scope', 'status']);
  const found = xml.split('<node_state ').flatMap((state) => {
    const name = /uname="([^"]+)"/.exec(state)?.[1] ?? '';
    const history = /<lrm_resource id="postgresql[^>]*type="(\w+)"[^]*?<\/lrm_resource>/.exec(state);
    return [...(history?.[0] ?? '').matchAll(/<lrm_rsc_op [^>]*operation="monitor"[^>]*>/g)].flatMap(([operation]) => {
      const [interval, code] = ['interval', 'rc-code'].map(
        (key) => new RegExp(` ${key}="(\\d+)"`).exec(operation)?.[1],
      );
      return interval === '0' ? [] : [`${name}: ${history?.[1] ?? ''} ${interval ?? ''} ms ${code ?? ''}`];
    });
  });
  return found.sort().join(', ');
}

/** Waits until both recurring monitors of that agent run and say what they have to. */
export async function untilMonitored(stage: Stage, agent: AgentName): Promise<string> {
  const primary = primaryOf(await untilHealthy(stage, 60)) ?? '';
  const type = agent.split(':')[2] ?? '';
  const wanted = [`${primary}: ${type} 3000 ms 8`, `${stage.otherThan(primary)}: ${type} 4000 ms 0`].sort().join(', ');
  let last = '';
  return waitUntil(
    `the monitors of ${agent} run`,
    async () => includesAll((last = await monitors(stage)), wanted) && last,
    60,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${last} instead of ${wanted}`);
  });
}

/** The history may hold more: monitors that ended with a stop. */
function includesAll(found: string, wanted: string): boolean {
  return wanted.split(', ').every((monitor) => found.split(', ').includes(monitor));
}

const ofPgsql = (['status', 'dataStatus', 'xlogLoc', 'baseline', 'score', 'receiverStatus'] as const).map((key) =>
  attributes[key].name('postgresql'),
);

/** The attributes of both nodes that pgsql knows: ours has more, and writes them with its first monitor. */
export function attributesOf(seen: Seen): string {
  const known = Object.entries(seen.attributes).map(([node, all]) => [
    node,
    Object.fromEntries(Object.entries(all).filter(([name]) => ofPgsql.includes(name))),
  ]);
  return JSON.stringify(Object.fromEntries(known));
}

export async function rowsOn(stage: Stage, node: string): Promise<number> {
  const script = `runuser -u postgres -- env -C / psql -XAtq -d vmdb_production -c 'select count(*) from cfha_client'`;
  return Number(await shell(stage, node, script).catch(() => '0')); // before the client has made the table
}

export async function untilMoreRows(stage: Stage, node: string, more: number): Promise<void> {
  const before = await rowsOn(stage, node);
  await waitUntil(`${more} more rows on ${node}`, async () => (await rowsOn(stage, node)) >= before + more, 60);
}

/** `cfha migrate` on a node. `until`: kill -9 when it says a line like that. */
export async function migrate(
  stage: Stage,
  node: string,
  { back = false, until }: { back?: boolean; until?: string } = {},
): Promise<{ code: number; text: string }> {
  const argv = ['/usr/sbin/cfha', 'migrate', 'postgresql', '--yes', ...(back ? ['--back'] : [])];
  const child = stage.testbed.start(node, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (said: string) => {
      text += said;
      if (until !== undefined && text.includes(until)) passSignal(child, 'SIGKILL');
    });
  const code = await new Promise<number>((resolve) => child.once('close', (c) => resolve(c ?? -1)));
  return { code, text };
}

/**
 * What the reference says after a failover: remove the lock, clean up. If the server does not stream then, or has not
 * the same rows, a new base backup.
 */
export async function bringBack(stage: Stage, node: string): Promise<'as it was' | 'with a base backup'> {
  const primary = stage.otherThan(node);
  const present = new RegExp(`Node ${node}: standby|Online: \\[[^\\]]* ${node} `);
  await waitUntil(`${node} is there`, async () => present.test((await stage.look())?.text ?? ''), 120);
  await settled(stage);
  await shell(stage, node, `rm -f ${tmpdir}/PGSQL.lock`);
  await shell(
    stage,
    primary,
    `pcs node unstandby ${node}; pcs resource cleanup postgresql >/dev/null; pcs stonith cleanup >/dev/null`,
  );
  const well = await streams(stage, 60);
  if (well) return 'as it was';
  await shell(stage, primary, `pcs node standby ${node} --wait=90`);
  await shell(stage, node, `${copyDatabase(stage, '10.77.0.100')}; rm -f ${tmpdir}/PGSQL.lock`);
  await shell(stage, primary, `pcs node unstandby ${node}; pcs resource cleanup postgresql >/dev/null`);
  expect(await streams(stage, 120), `${node} does not stream, even with a base backup`);
  return 'with a base backup';
}

/** Waits until the cluster has nothing left to do. */
async function settled(stage: Stage): Promise<void> {
  const [node] = stage.nodes;
  await stage.must(node, ['crm_resource', '--wait', '--timeout=90s'], { timeoutMs: 100_000 });
}

async function streams(stage: Stage, seconds: number): Promise<boolean> {
  const same = async (): Promise<boolean> => {
    const seen = await stage.look();
    if (seen === undefined || unhealthy(seen).length > 0) return false;
    const [a, b] = await Promise.all(stage.nodes.map((node) => rowsOn(stage, node)));
    return a === b;
  };
  return waitUntil('both nodes have the same rows', same, seconds).catch(() => false);
}

/** Waits until a region of which one node is gone is a whole one again. */
export async function untilPoweredOn(stage: Stage, node: string): Promise<void> {
  await waitUntil(`${node} has power again`, () => Promise.resolve(stage.testbed.isOn(node)), 90);
}
