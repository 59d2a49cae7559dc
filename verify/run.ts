// cfha verify with drills: from a healthy region only, one after the other, and as it was at the end.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs, timeOfDayMs } from '../lib/host/clock.ts';
import { asItIs, differencesOf } from './as-it-was.ts';
import { judgeAll } from './checks.ts';
import type { Drill, Situation } from './drills/drill.ts';
import { switchoverTo } from './drills/planned.ts';
import { notPlayed, resultOf, type DrillResult, type Expectations } from './drills/result.ts';
import { situationOf } from './drills/situation.ts';
import { lacks } from './drills/words.ts';
import type { Facts } from './facts.ts';
import type { Judged } from './judgement.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { look } from './look.ts';
import { observe } from './observe.ts';
import { script } from './places.ts';
import { play } from './play.ts';
import type { World } from './playing.ts';
import { prepare, tidy } from './writer.ts';

export type Given = {
  readonly world: World;
  readonly drills: readonly Drill[];
  readonly expected: Expectations;
  readonly database: string;
  readonly onNode: string | undefined;
  readonly resource: string | undefined;
  readonly drift: Facts['drift'];
  /** Asked when it is known that the region is healthy; false: nothing is begun. */
  readonly consents: (situation: Situation, drills: readonly Drill[]) => Promise<boolean>;
  readonly progress: (result: DrillResult) => void;
};

/** What a report tells, of a region or of a pair of sites. */
export type Findings = {
  readonly subject: 'region' | 'pair';
  readonly checks: readonly Judged[];
  readonly drills: readonly DrillResult[];
  /** Why no drill could be played. */
  readonly refused: string | undefined;
  /** What is not as it was before; undefined: it was not compared. */
  readonly changed: readonly string[] | undefined;
  readonly beganMs: number;
  readonly endedMs: number;
};

export type Outcome = Findings & { readonly facts: Omit<Facts, 'drift'> };

export async function verify(given: Given): Promise<Outcome> {
  const beganMs = timeOfDayMs();
  const { world, resource, drift } = given;
  const facts = await look(world.places, resource);
  const checks = judgeAll({ ...facts, drift });
  const base = { subject: 'region', checks, facts, beganMs } as const;
  const refused = (because: string): Outcome => ({ ...base, refused: because, drills: [], changed: undefined, endedMs: timeOfDayMs() });
  const critical = checks.filter(({ verdict, severity }) => verdict === 'broken' && severity === 'critical');
  if (critical.length > 0) return refused(`the region is not healthy: ${critical.map(({ code }) => code).join(', ')}`);
  const situation = situationOf({ ...facts, database: given.database, onNode: given.onNode });
  if (situation === undefined) return refused('there is no primary with a standby');
  if (!(await given.consents(situation, given.drills))) return refused('nobody has agreed');
  const problem = await prepare(world.target);
  if (problem !== undefined) return refused(`the client cannot write at ${world.target.host}: ${problem}`);
  const before = await asItIs(world.places, facts.cib);
  const drills = await series(given, situation);
  const changed = await leave(given, situation, before);
  return { ...base, drills, changed, refused: undefined, endedMs: timeOfDayMs() };
} // prettier-ignore

/** After these the region is not one on which anything may be broken. */
function ends({ verdict, played, name }: DrillResult): boolean {
  const sick = played !== undefined && (played.lacks.length > 0 || played.overlap !== undefined || played.interrupted);
  return sick || (name === 'fence' && verdict === 'broken');
}

async function series(given: Given, first: Situation): Promise<readonly DrillResult[]> {
  const results: DrillResult[] = [];
  const add = (result: DrillResult): void => {
    results.push(result);
    given.progress(result);
  };
  for (const drill of given.drills) {
    const last = results.find(ends);
    const because = last === undefined ? (given.world.stopping() ? 'it was interrupted' : undefined) : `after the drill ${last.name} the region is not one to break anything on`;
    if (because !== undefined) add(notPlayed(drill, 'not played', { because, primary: first.primary }));
    else add(await one(drill, given));
  }
  return results;
} // prettier-ignore

async function one(drill: Drill, given: Given): Promise<DrillResult> {
  const { world } = given;
  const situation = await healthySituation(given);
  if (typeof situation === 'string') return notPlayed(drill, 'not played', { because: situation, primary: '' });
  const because = drill.losesNode === true && situation.onNode !== undefined ? `cfha runs on ${situation.onNode}, which may lose its power: run it on another machine` : drill.refuse?.(situation);
  if (because !== undefined) return notPlayed(drill, 'refused', { because, primary: situation.primary });
  world.tell(`-- ${drill.name}: ${drill.says}`);
  return resultOf(drill, await play(drill, situation, world), { situation, expected: given.expected });
} // prettier-ignore

const settleSeconds = 90;

/** What the drill is made for; or why the region is not healthy. */
async function healthySituation(given: Given): Promise<Situation | string> {
  for (const end = monotonicMs() + settleSeconds * 1000; ; await sleep(1000)) {
    const now = await situationNow(given).catch(unreadable);
    if (typeof now !== 'string' || monotonicMs() > end) return now;
  }
}

function unreadable(error: unknown): string {
  if (error instanceof UnreadableAnswer) return error.message;
  throw error;
}

async function situationNow({ world: { places }, resource, database, onNode }: Given): Promise<Situation | string> {
  const facts = await look(places, resource);
  const { view } = facts.cib;
  const nodes = await observe(places, view.resource);
  const seen = { nodes, boots: {}, acknowledged: 0, sinceAcknowledgedMs: 0 };
  const missing = lacks(seen, view.nodes.map(({ name }) => name)); // prettier-ignore
  const situation = situationOf({ ...facts, database, onNode });
  return situation === undefined || missing.length > 0 ? `the region is not healthy: ${missing.join(', ')}` : situation;
}

/** The primary goes back to its node, the schema is dropped, and all is compared with how it was. */
async function leave(given: Given, first: Situation, before: readonly string[]): Promise<readonly string[]> {
  const { world } = given;
  world.tell('-- back to how it was');
  const now = await healthySituation(given);
  if (typeof now !== 'string' && now.primary !== first.primary) {
    const step = switchoverTo(first.primary);
    if (step.do === 'run') await script(world.places, first.primary, { text: `${step.script}\n`, seconds: 240 });
  }
  const dropped = await tidy(world.target);
  const left = await healthySituation(given);
  if (typeof left === 'string') return [left];
  const differences = differencesOf(before, await asItIs(world.places, left.cib));
  return [...(dropped ? [] : ['the schema cfha_verify could not be dropped: cfha verify --undo']), ...differences];
}
