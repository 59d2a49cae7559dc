// The evidence about a former primary against PostgreSQL's own word, on random histories of real servers; rejoining, killed
// at every step.   scripts/with-node test/rejoin/run.ts [--core | --interrupted | --gone] [--histories N] [--seed N] [--jobs N]
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install, upstreamAgent } from '../differential/programs.ts';
import { enclosed, makeRig } from '../differential/rig.ts';
import type { Rig } from '../differential/side.ts';
import { crash, play, type World } from './history.ts';
import { isUp, sql, start, stop, type Instance } from './instance.ts';
import { interruptedAnywhere } from '../executable/interrupted.ts';
import { goneWal } from './gone.ts';
import { rejoins } from './interrupted.ts';
import { judge } from './judge.ts';

const { values: options } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    interrupted: { type: 'boolean', default: false },
    gone: { type: 'boolean', default: false },
    histories: { type: 'string' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
  },
});

type Tally = Record<string, number>;
const count = (tally: Tally, key: string): void => void (tally[key] = (tally[key] ?? 0) + 1);

/** Every other server, stopped or crashed, against one that is a primary at the end. */
async function conclude(world: World, tally: Tally): Promise<string[]> {
  const primary = await somePrimary(world);
  if (primary === undefined) return [];
  const problems: string[] = [];
  for (const local of world.instances.filter((one) => one !== primary)) {
    if (isUp(local)) await (world.roll(2) === 0 ? crash(local) : stop(local, 'fast'));
    const judged = await judge(local, primary);
    count(tally, judged.evidence.verdict);
    for (const by of judged.compared) count(tally, `by ${by}`);
    const says = JSON.stringify(judged.evidence);
    problems.push(...judged.problems.map((problem) => `${local.name} against ${primary.name}: ${says}: ${problem}`));
  }
  return problems;
}

async function somePrimary({ instances }: World): Promise<Instance | undefined> {
  for (const one of instances.toReversed()) {
    const up = isUp(one) || (await start(one));
    const rows = up ? await sql<{ r: boolean }>(one, 'select pg_is_in_recovery() as r').catch(() => []) : [];
    if (rows[0]?.r === false) return one;
  }
  return undefined;
}

async function history(rig: Rig, seed: number, tally: Tally): Promise<string[]> {
  const root = join(rig.root, `h${seed}`);
  mkdirSync(root);
  chownSync(root, rig.owner.uid, rig.owner.gid);
  const world = await play(rig, root, seed);
  try {
    const problems = await conclude(world, tally);
    return problems.map((problem) => `${problem}\n      ${world.story.join('; ')}`);
  } finally {
    for (const one of world.instances.filter(isUp)) await crash(one).catch(() => undefined);
    rmSync(root, { recursive: true, force: true });
  }
}

type Counts = { passed: number; failed: number };

function tell(counts: Counts, name: string, problems: readonly string[]): void {
  if (problems.length > 0) console.log([`FAILED ${name}`, ...problems].join('\n    '));
  counts[problems.length === 0 ? 'passed' : 'failed'] += 1;
}

async function histories(rig: Rig, counts: Counts): Promise<void> {
  const wanted = Number(options.histories ?? (options.core ? 10 : 200));
  const seeds = Array.from({ length: wanted }, (_, n) => Number(options.seed) + n);
  const tally: Tally = {};
  const worker = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift())
      tell(counts, `history ${seed}`, await history(rig, seed, tally).catch((error: unknown) => [String(error)]));
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
  console.log(`verdicts: ${JSON.stringify(tally)}`);
}

async function interruptions(rig: Rig, counts: Counts): Promise<void> {
  for (const { name, run } of rejoins.map(interruptedAnywhere)) {
    console.log(`-- ${name}`);
    tell(counts, name, await run(rig));
  }
}

async function gone(rig: Rig, counts: Counts): Promise<void> {
  for (const { name, run } of goneWal) tell(counts, name, await run(rig).catch((error: unknown) => [String(error)]));
}

function chosen(): readonly (typeof histories)[] {
  if (options.interrupted) return [interruptions];
  if (options.gone) return [gone];
  return options.core ? [histories, gone] : [histories, gone, interruptions];
}

async function main(): Promise<void> {
  const root = mkdtempSync('/var/tmp/cfr-');
  const rig = makeRig(root);
  const counts = { passed: 0, failed: 0 };
  try {
    for (const part of chosen()) await part(rig, counts);
    console.log(`Tests: ${counts.passed} passed, ${counts.failed} failed`);
    if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

await enclosed(() => install({ postgresql: '/usr/lib/postgresql', 'resource-agents': upstreamAgent }), main);
