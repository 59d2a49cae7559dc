// Plays one drill on a pair of sites: while a client writes, it is broken, undone, and both sites are again what they were.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs, timeOfDayMs } from '../../lib/host/clock.ts';
import type { Played } from '../drills/result.ts';
import { journals, offsetsOf } from '../evidence.ts';
import { phasesOf, telling, type LogLine, type Signs } from '../measure/phases.ts';
import { overlapOf, spansOf } from '../measure/writable.ts';
import { measureOf, perSecondOf, type Written } from '../measure/writes.ts';
import { script, type Places } from '../places.ts';
import { startProber } from '../prober.ts';
import type { Target } from '../session.ts';
import { byNode, record, undoing } from '../undo.ts';
import { startWriter, type Writer } from '../writer.ts';
import type { PairDrill, PairSituation, PairStep } from './drills.ts';
import { statuses } from './look.ts';
import { follows, lacksOf, serves, type PairSeen } from './seen.ts';

export type PairWorld = {
  readonly places: Places;
  /** Both sites' own addresses, the first site's first. */
  readonly targets: Readonly<Record<string, Target>>;
  readonly tell: (line: string) => void;
  readonly stopping: () => boolean;
};

const pollMs = 500;
const enoughWrites = 30;
const backSeconds = 300;

const signs: Signs = [
  ['detected', / is down/],
  ['promoted', /promoting myself to primary|Going on with the promotion|is the primary$/],
];

class StepFailed extends Error {}
class Interrupted extends Error {}

type Playing = {
  readonly drill: PairDrill;
  readonly situation: PairSituation;
  readonly world: PairWorld;
  readonly writer: Writer;
  readonly steps: Played['steps'][number][];
  brokenMs: number | undefined;
  interrupted: boolean;
};

export async function playOnPair(drill: PairDrill, situation: PairSituation, world: PairWorld): Promise<Played> {
  const beganMs = timeOfDayMs();
  const offsets = await offsetsOf(world.places);
  const stopProbing = startProber(world.targets, true);
  const writer = startWriter(Object.values(world.targets));
  const playing: Playing = { drill, situation, world, writer, steps: [], brokenMs: undefined, interrupted: false };
  await perform(playing);
  const undoneMs = timeOfDayMs();
  const primaryAfter = servingIn(await statuses(world.places));
  const after = await recover(playing);
  const written = await writer.stop();
  const answers = await stopProbing();
  const lines = await journals(world.places, beganMs, { offsets, of: 'cfha' });
  return {
    ...{ beganMs, steps: playing.steps, brokenMs: playing.brokenMs, interrupted: playing.interrupted, rebooted: [], primaryAfter },
    ...{ ...after, ...measured(written, lines, { brokenMs: playing.brokenMs, undoneMs }), lines: telling(lines, signs) },
    ...{ overlap: overlapOf(answers), spans: spansOf(answers) },
  };
} // prettier-ignore

export const servingIn = (sites: PairSeen['sites']): string | undefined => Object.keys(sites).find((host) => serves(sites[host])); // prettier-ignore

type Moments = { readonly brokenMs: number | undefined; readonly undoneMs: number };

/** The phases are those of the longest gap before it was undone. */
function measured(written: Written, lines: readonly LogLine[], { brokenMs, undoneMs }: Moments): Pick<Played, 'measure' | 'perSecond' | 'phases'> {
  const measure = measureOf(written);
  const atMs = (seconds: number): number => written.beganMs + seconds * 1000;
  const gaps = measure.gaps.filter(({ at }) => atMs(at) < undoneMs);
  const longest = gaps.toSorted((a, b) => b.seconds - a.seconds)[0];
  const firstWriteMs = longest === undefined ? undefined : atMs(longest.at + longest.seconds);
  const phases = brokenMs === undefined ? [] : phasesOf({ lines, brokenMs, firstWriteMs, vip: undefined, signs });
  return { measure, perSecond: perSecondOf(written), phases };
} // prettier-ignore

async function perform(playing: Playing): Promise<void> {
  const { drill, situation, world } = playing;
  try {
    await taken(playing, 'clients write', () => untilClientsWrite(playing));
    await taken(playing, 'what is to be undone is recorded', async () => {
      const problem = await record(world.places, drill.undo(situation));
      if (problem !== undefined) throw new StepFailed(problem);
    });
    for (const step of drill.steps(situation)) await taken(playing, step.says, () => take(step, playing));
  } catch (error) {
    if (error instanceof Interrupted) playing.interrupted = true;
    else if (!(error instanceof StepFailed)) throw error;
  }
}

/** Notes what was done, and when; a failure ends the drill. */
async function taken(playing: Playing, says: string, act: () => Promise<void>): Promise<void> {
  const atMs = timeOfDayMs();
  const note = (failed: string | undefined): void => void playing.steps.push({ says, atMs, failed });
  playing.world.tell(says);
  try {
    await act();
    note(undefined);
  } catch (error) {
    if (error instanceof StepFailed) note(error.message);
    throw error;
  }
}

async function pause({ world }: Playing): Promise<void> {
  if (world.stopping()) throw new Interrupted();
  await sleep(pollMs);
}

async function untilClientsWrite(playing: Playing): Promise<void> {
  for (const end = monotonicMs() + 30_000; playing.writer.acknowledged() < enoughWrites; await pause(playing))
    if (monotonicMs() > end) throw new StepFailed('they do not');
}

async function take(step: PairStep, playing: Playing): Promise<void> {
  switch (step.do) {
    case 'run':
      return run(step, playing);
    case 'wait':
      return until(step, playing);
    case 'stays':
      return stays(step, playing);
  }
}

async function run(step: Extract<PairStep, { do: 'run' }>, playing: Playing): Promise<void> {
  if (step.breaks) playing.brokenMs = timeOfDayMs();
  const { code, stderr } = await script(playing.world.places, step.on, { text: `${step.script}\n`, seconds: step.seconds ?? 60 }); // prettier-ignore
  if (code !== 0) throw new StepFailed(stderr.trim().split('\n').at(-1) ?? `exit code ${String(code)}`);
}

async function seen({ world, writer }: Playing): Promise<PairSeen> {
  return { sites: await statuses(world.places), sinceAcknowledgedMs: timeOfDayMs() - writer.lastAcknowledgedMs() };
}

async function until(step: Extract<PairStep, { do: 'wait' }>, playing: Playing): Promise<void> {
  for (const end = monotonicMs() + step.seconds * 1000; !step.until(await seen(playing)); await pause(playing))
    if (monotonicMs() > end) throw new StepFailed(`not within ${String(step.seconds)} s`);
}

async function stays(step: Extract<PairStep, { do: 'stays' }>, playing: Playing): Promise<void> {
  for (const end = monotonicMs() + step.seconds * 1000; monotonicMs() < end; await pause(playing))
    if (!step.while(await seen(playing))) throw new StepFailed('not all the time');
}

type After = Pick<Played, 'healthyMs' | 'lacks'>;

/** Undoes what is recorded, and does what a person does after a failover: both sites have their roles again. */
async function recover(playing: Playing): Promise<After> {
  const { drill, situation, world } = playing;
  world.tell('undone; until both sites have their roles again');
  const open = new Set(byNode(drill.undo(situation)).keys());
  for (const end = monotonicMs() + backSeconds * 1000; ; await sleep(pollMs)) {
    for (const host of open) if ((await undoing(world.places, host)).code === 0) open.delete(host);
    const now = await seen(playing);
    const lacks = [...lacksOf(now.sites, situation.primary, situation.standby), ...[...open].map((host) => `${host}: not undone`), ...silence(now)]; // prettier-ignore
    if (lacks.length === 0) return { healthyMs: timeOfDayMs(), lacks };
    if (monotonicMs() > end) return { healthyMs: undefined, lacks };
    if (open.size === 0) await goBack(now, playing);
  }
}

function silence({ sinceAcknowledgedMs }: PairSeen): readonly string[] {
  return sinceAcknowledgedMs < 2000 ? [] : ['clients do not write'];
}

/** The next command of a failback, if it is its turn: rejoin, then switchover, on the site that was the primary. */
async function goBack({ sites }: PairSeen, { situation, world }: Playing): Promise<void> {
  const { primary, standby } = situation;
  if (!serves(sites[standby])) return;
  const server = sites[primary]?.here.server;
  const command = server === 'stopped' ? 'rejoin' : follows(sites[primary]) ? 'switchover' : undefined;
  if (command === undefined) return;
  world.tell(`cfha global ${command} on ${primary}`);
  await script(world.places, primary, { text: `cfha global ${command} --yes\n`, seconds: 600 });
}
