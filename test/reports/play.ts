// Plays cases, each to an end of its own: one that fails does not keep the next from being played.
import { mkdirSync, mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRig } from '../differential/rig.ts';
import type { Rig } from '../differential/side.ts';
import { showEvidence } from '../scenarios/scenario.ts';
import { begin, type Stage } from '../scenarios/stage.ts';
import type { FunctionCase, Say, ServersCase, TestbedCase } from './case.ts';
import { watchRegion, type Change } from './region.ts';
import type { Result } from './result.ts';
import { endCluster, makeCluster, type Cluster } from './servers.ts';

const minutes = { function: 1, servers: 5, testbed: 15 } as const;

type Told = FunctionCase | ServersCase | TestbedCase;

/** Plays a case; `play` is stopped waiting for when its time is over. */
async function played(told: Told, say: Say, play: () => Promise<string>): Promise<Result> {
  const { number, kind, setup, title, before } = told;
  say(`-- ${String(number).padStart(2, '0')} ${title}`);
  const start = performance.now();
  const outcome = await within(minutes[setup], play).then(
    (now) => ({ good: true, now }),
    (error: unknown) => ({ good: false, now: error instanceof Error ? error.message : String(error) }),
  );
  const seconds = (performance.now() - start) / 1000;
  say(`${outcome.good ? 'ok  ' : 'FAIL'} ${title} (${seconds.toFixed(0)} s): ${outcome.now}`);
  return { number, kind, setup, title, before, seconds, ...outcome };
}

async function within(limit: number, play: () => Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not ended within ${limit} minutes`)), limit * 60_000);
  });
  try {
    return await Promise.race([play(), late]);
  } finally {
    clearTimeout(timer);
  }
}

export async function playFunctions(cases: readonly FunctionCase[], say: Say): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const told of cases) results.push(await played(told, say, () => told.play({ say })));
  return results;
}

/** Two at a time: most of their time is spent waiting. To be called in namespaces of its own. */
export async function playServers(cases: readonly ServersCase[], say: Say): Promise<readonly Result[]> {
  const root = mkdtempSync(join(tmpdir(), 'cfr-'));
  chmodSync(root, 0o755);
  const results: Result[] = [];
  const waiting = [...cases.entries()];
  try {
    const rig = makeRig(root);
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        results.push(await playOnServers(rig, next, say));
    };
    await Promise.all([lane(), lane()]);
    return results;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function playOnServers(rig: Rig, [n, told]: readonly [number, ServersCase], say: Say): Promise<Result> {
  const folder = join(rig.root, `c${n}`);
  mkdirSync(folder);
  const clusters: Cluster[] = [];
  const lines: string[] = [];
  try {
    return await played(
      told,
      (line) => lines.push(line),
      () =>
        told.play({
          folder,
          say: (line) => lines.push(line),
          cluster: async (spec) => {
            const cluster = await makeCluster(rig, join(folder, String(clusters.length)), spec);
            clusters.push(cluster);
            return cluster;
          },
        }),
    );
  } finally {
    for (const cluster of clusters) await endCluster(cluster);
    rmSync(folder, { recursive: true, force: true });
    lines.forEach(say); // at once: another one is played meanwhile
  }
}

/** One after the other, each on a fresh and healthy region of this stage. */
export async function playOnTestbed(stage: Stage, cases: readonly TestbedCase[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const told of cases) results.push(await played(told, stage.say, () => playOnRegion(stage, told)));
  return results;
}

async function playOnRegion(stage: Stage, told: TestbedCase): Promise<string> {
  await begin(stage, 'bootstrapped');
  const { region, end } = await watchRegion(stage);
  try {
    return await told.play({ say: stage.say, region });
  } catch (error) {
    stage.say(region.changes().map(changeText).join('\n'));
    await showEvidence(stage);
    throw error;
  } finally {
    await end();
  }
}

function changeText({ seconds, node, name, value }: Change): string {
  return `  ${seconds.toFixed(1).padStart(6)} s  ${node}  ${name} ${value}`;
}
