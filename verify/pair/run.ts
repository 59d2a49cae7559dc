// cfha global verify: checks and drills of a pair of sites, from a host that is neither of them.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Spec } from '../../global/spec.ts';
import { monotonicMs, timeOfDayMs } from '../../lib/host/clock.ts';
import { differencesOf } from '../as-it-was.ts';
import { notPlayed, resultOf, type DrillResult, type Expectations } from '../drills/result.ts';
import { script, type Places } from '../places.ts';
import type { Findings } from '../run.ts';
import { prepare, tidy } from '../writer.ts';
import { judgePair } from './checks.ts';
import type { PairDrill, PairSituation } from './drills.ts';
import { lookAtPair, statuses } from './look.ts';
import { playOnPair, type PairWorld } from './play.ts';
import { lacksOf, type PairFacts } from './seen.ts';
import { asItIsScript } from './site-script.ts';

export type PairGiven = {
  readonly spec: Spec;
  readonly world: PairWorld;
  readonly drills: readonly PairDrill[];
  readonly expected: Expectations;
  readonly consents: (drills: readonly PairDrill[]) => Promise<boolean>;
  readonly progress: (result: DrillResult) => void;
};

export type PairFindings = Findings & { readonly facts: PairFacts };

/** The checks alone: nothing is changed. */
export async function checkPair(places: Places, spec: Spec): Promise<PairFindings> {
  const beganMs = timeOfDayMs();
  const facts = await lookAtPair(places, spec);
  return { subject: 'pair', checks: judgePair(facts), drills: [], refused: undefined, changed: undefined, beganMs, endedMs: timeOfDayMs(), facts }; // prettier-ignore
}

export async function verifyPair(given: PairGiven): Promise<PairFindings> {
  const { world, spec } = given;
  const checked = await checkPair(world.places, spec);
  const refused = (because: string): PairFindings => ({ ...checked, refused: because, endedMs: timeOfDayMs() });
  const critical = checked.checks.filter(({ verdict, severity }) => verdict === 'broken' && severity === 'critical');
  if (critical.length > 0) return refused(`the pair is not healthy: ${critical.map(({ code }) => code).join(', ')}`);
  if (!(await given.consents(given.drills))) return refused('nobody has agreed');
  const targets = Object.values(world.targets);
  const problem = await prepare(targets);
  if (problem !== undefined) return refused(`the client cannot write at ${spec.first.host}: ${problem}`);
  const before = await asItIs(world.places);
  const drills = await series(given, situationOf(spec));
  world.tell('-- back to how it was');
  const dropped = await tidy(targets);
  const left = dropped ? [] : ['the schema cfha_verify could not be dropped: cfha global verify --undo'];
  const changed = [...left, ...differencesOf(before, await asItIs(world.places))];
  return { ...checked, drills, changed, endedMs: timeOfDayMs() };
}

function situationOf({ first, second, witnesses, postgres, failover }: Spec): PairSituation {
  return {
    ...{ primary: first.host, standby: second.host, guarded: witnesses !== undefined, mode: 'async' },
    ...{ service: postgres.service, user: postgres.user, data: postgres.data },
    addresses: { [first.host]: first.address, [second.host]: second.address },
    patience: failover.failures * failover.interval,
  };
}

async function asItIs({ names, run }: Places): Promise<readonly string[]> {
  const one = async (host: string) => {
    const { stdout } = await script({ names, run }, host, { text: asItIsScript, seconds: 30 });
    return stdout.split('\n').filter(Boolean).map((line) => `${host}: ${line}`); // prettier-ignore
  };
  return (await Promise.all(names.map(one))).flat();
}

async function series(given: PairGiven, situation: PairSituation): Promise<readonly DrillResult[]> {
  const results: DrillResult[] = [];
  for (const drill of given.drills) {
    const result = await one(drill, given, { situation, last: results.find(ends) });
    results.push(result);
    given.progress(result);
  }
  return results;
}

/** After these the pair is not one on which anything may be broken. */
function ends({ played }: DrillResult): boolean {
  return played !== undefined && (played.lacks.length > 0 || played.overlap !== undefined || played.interrupted);
}

type Moment = { readonly situation: PairSituation; readonly last: DrillResult | undefined };

async function one(drill: PairDrill, given: PairGiven, moment: Moment): Promise<DrillResult> {
  const { situation } = moment;
  const { world, expected } = given;
  const because = await obstacle(world, moment);
  if (because !== undefined) return notPlayed(drill, 'not played', { because, primary: situation.primary });
  const refused = drill.refuse?.(situation);
  if (refused !== undefined) return notPlayed(drill, 'refused', { because: refused, primary: situation.primary });
  world.tell(`-- ${drill.name}: ${drill.says}`);
  const result = resultOf(drill, await playOnPair(drill, situation, world), { situation, expected });
  return { ...result, notes: [...result.notes, ...persons(result, situation)] };
}

async function obstacle(world: PairWorld, { situation, last }: Moment): Promise<string | undefined> {
  if (last !== undefined) return `after the drill ${last.name} the pair is not one to break anything on`;
  return world.stopping() ? 'it was interrupted' : sick(world, situation);
}

/** What a person has to do after it, in earnest. */
function persons({ name, played }: DrillResult, { primary, standby }: PairSituation): readonly string[] {
  if (played?.primaryAfter !== standby || name === 'switchover') return [];
  return [`the failback is a person’s: cfha global rejoin, then switchover, on ${primary} (done here)`];
}

const settleSeconds = 60;

/** Why the pair is not healthy, if it is not so in time. */
async function sick({ places }: PairWorld, { primary, standby }: PairSituation): Promise<string | undefined> {
  for (const end = monotonicMs() + settleSeconds * 1000; ; await sleep(1000)) {
    const lacks = lacksOf(await statuses(places), primary, standby);
    if (lacks.length === 0) return undefined;
    if (monotonicMs() > end) return `the pair is not healthy: ${lacks.join(', ')}`;
  }
}
