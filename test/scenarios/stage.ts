// A region on a testbed, with the few words that scenarios, benches and the demo are told in.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientOptions } from '../testbed/client-process.ts';
import type { Outcome, RunOptions, RunningClient, Testbed } from '../testbed/testbed.ts';
import { must } from '../testbed/processes.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { writeRegionFile, type Kind, type RegionFile } from './region-file.ts';
import { readCrmMon, unhealthy, type Seen } from './seen.ts';
import { waitUntil } from './waiting.ts';

const root = join(import.meta.dirname, '../..');
const built = join(root, 'dist/cfha');

export type Say = (line: string) => void;

/** The states that scenarios begin from. */
export type State = 'bare' | 'bootstrapped';

export type Stage = Readonly<{
  testbed: Testbed;
  region: RegionFile;
  /** The administrator's cfha: a copy, so that a build meanwhile changes nothing. */
  cfha: string;
  nodes: readonly [string, string, ...string[]];
  say: Say;
  /** Runs a command on a node, or on the administrator's host (`admin`); its code is a result. */
  on: (node: string, argv: readonly string[], options?: RunOptions) => Promise<Outcome>;
  /** The same, for a command that has to succeed; its output. */
  must: (node: string, argv: readonly string[], options?: RunOptions) => Promise<string>;
  /** What the cluster says, asked on the first node that answers; undefined if none does. */
  look: () => Promise<Seen | undefined>;
  /** `cfha bootstrap` with more arguments, on the administrator's host. */
  bootstrap: (...more: readonly string[]) => Promise<Outcome>;
  /** Starts the client as the database's owner. */
  client: (seconds: number, more?: Pick<ClientOptions, 'addresses'>) => RunningClient;
  /** The other one of two nodes; of three, the first other one. */
  otherThan: (node: string) => string;
}>;

/** What a testbed is opened for. */
export type Wanted = Kind & Readonly<{ nodes?: number; suite?: string | undefined }>;

/** Boots the testbed, keeps the state "bare" when it is new, and sets the stage on it. */
export async function openStage(name: string, say: Say, { nodes = 2, suite, ...kind }: Wanted = {}): Promise<Stage> {
  const testbed = openTestbed(name);
  await testbed.up({ nodes, say, suite });
  if (!testbed.status().saves.includes('bare')) await testbed.save('bare');
  const stage = stageOn(testbed, say, kind);
  copyFileSync(built, `${stage.cfha}.new`);
  renameSync(`${stage.cfha}.new`, stage.cfha);
  return stage;
}

export function stageOn(testbed: Testbed, say: Say, kind: Kind = {}): Stage {
  const [first, second, ...more] = testbed.nodes();
  if (first === undefined || second === undefined) throw new Error(`testbed ${testbed.name} has not two nodes`);
  const region = writeRegionFile(testbed, kind);
  const cfha = join(region.folder, 'cfha');
  const on: Stage['on'] = (node, argv, options) => testbed.exec(node, argv, options);
  const mustOn: Stage['must'] = async (node, argv, options) => {
    const { code, stdout, stderr } = await on(node, argv, options);
    if (code !== 0) throw new Error(`${node}: ${argv.join(' ')}: exit code ${code}\n${stderr}${stdout}`);
    return stdout;
  };
  return {
    ...{ testbed, region, cfha, say, on, must: mustOn },
    nodes: [first, second, ...more],
    look: () => look(testbed),
    bootstrap: (...more) => on('admin', [cfha, 'bootstrap', region.path, ...more]),
    client: (seconds, more) =>
      testbed.startClient({ seconds, passwordFile: region.passwords.cloudforms.file, ...more }),
    otherThan: (node) => testbed.nodes().find((other) => other !== node) ?? node,
  };
}

async function look(testbed: Testbed): Promise<Seen | undefined> {
  for (const node of testbed.nodes()) {
    if (!testbed.isOn(node)) continue;
    const { code, stdout } = await testbed
      .exec(node, ['crm_mon', '-Afr', '-1'], { timeoutMs: 10_000 })
      .catch(() => ({ code: -1, stdout: '' })); // the plug may be pulled while we ask
    if (code === 0) return readCrmMon(stdout);
  }
  return undefined;
}

/** Waits for a healthy region; says what is missing if it does not come. */
export async function untilHealthy(stage: Stage, seconds: number): Promise<Seen> {
  const last: { seen: Seen | undefined } = { seen: undefined };
  const healthy = async (): Promise<Seen | undefined> => {
    last.seen = await stage.look();
    return last.seen && unhealthy(last.seen, stage.nodes.length).length === 0 ? last.seen : undefined;
  };
  return waitUntil('a healthy region', healthy, seconds).catch((error: unknown) => {
    const why = last.seen ? [...unhealthy(last.seen, stage.nodes.length), last.seen.text] : ['no node answers crm_mon'];
    throw new Error(`${String(error)}\n${why.join('\n')}`);
  });
}

/** Gives the nodes a state; a bootstrapped region is up and healthy afterwards. */
export async function begin(stage: Stage, state: State): Promise<void> {
  const start = performance.now();
  const { testbed } = stage;
  const save = saveOf(stage, state);
  if (testbed.status().saves.includes(save)) {
    await testbed.load(save);
    if (state === 'bootstrapped') await untilHealthy(stage, 180);
  } else {
    await testbed.load('bare');
    await makeBootstrapped(stage);
  }
  stage.say(`(state ${state} after ${((performance.now() - start) / 1000).toFixed(0)} s)`);
}

/** A bootstrapped region belongs to the executable that made it and is installed in it. */
function saveOf({ cfha, region }: Stage, state: State): string {
  if (state === 'bare') return state;
  // and what differs is in its file
  const made = createHash('sha256').update(readFileSync(cfha)).update(region.text);
  return `${state}-${made.digest('hex').slice(0, 12)}`;
}

async function makeBootstrapped(stage: Stage): Promise<void> {
  const { code, stdout, stderr } = await stage.bootstrap();
  if (code !== 0) throw new Error(`cfha bootstrap: exit code ${code}\n${stdout}${stderr}`);
  await keepBootstrapped(stage);
}

/** Keeps the present region as "bootstrapped": shut down in order, and up again. */
export async function keepBootstrapped(stage: Stage): Promise<void> {
  const seen = await untilHealthy(stage, 60);
  // the standby goes first: the last one to stop knows that nobody has newer data, and leaves no PGSQL.lock
  const [primary = ''] = seen.promoted;
  for (const standby of stage.nodes.filter((node) => node !== primary))
    await stage.must(primary, ['pcs', 'cluster', 'stop', standby, '--force']);
  await stage.must(primary, ['pcs', 'cluster', 'stop', primary, '--force']);
  await stage.testbed.save(saveOf(stage, 'bootstrapped'));
  await untilHealthy(stage, 180);
}

/** Builds the executable if it is not there. */
export async function ensureExecutable(say: Say): Promise<void> {
  if (existsSync(built)) return;
  say('building dist/cfha');
  await must(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root });
}
