// Plays one drill on a healthy region: while a client writes, it is broken, undone, and healthy again, or it is said what is not.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs, timeOfDayMs } from '../lib/host/clock.ts';
import type { Drill, Seen, Situation, Step } from './drills/drill.ts';
import type { Played } from './drills/result.ts';
import { lacks, primaryIn } from './drills/words.ts';
import { journals, measured, offsetsOf } from './evidence.ts';
import { telling } from './measure/phases.ts';
import { overlapOf, spansOf } from './measure/writable.ts';
import { observe } from './observe.ts';
import { bootsIn, healthySeconds, Interrupted, pause, pollMs, see, StepFailed, type Playing, type World } from './playing.ts'; // prettier-ignore
import { startProber } from './prober.ts';
import { loadClients, take } from './steps.ts';
import { byNode, record, undoing } from './undo.ts';
import { startWriter } from './writer.ts';

export async function play(drill: Drill, situation: Situation, world: World): Promise<Played> {
  const beganMs = timeOfDayMs();
  const offsets = await offsetsOf(world.places);
  const stopProbing = startProber(world.targets);
  const writer = startWriter(world.target);
  const boots = bootsIn(await observe(world.places, situation.cib.view.resource));
  const playing: Playing = { drill, situation, world, writer, boots, firstBoots: boots, steps: [], breaksMs: [], interrupted: false, stopLoad: undefined }; // prettier-ignore
  await perform(playing);
  await playing.stopLoad?.();
  const recovered = await recover(playing);
  const written = await writer.stop();
  const answers = await stopProbing();
  const lines = await journals(world.places, beganMs, { offsets });
  return {
    ...{ beganMs, steps: playing.steps, brokenMs: playing.breaksMs[0], interrupted: playing.interrupted, ...recovered },
    ...measured(written, lines, playing),
    ...{ overlap: overlapOf(answers), spans: spansOf(answers), lines: telling(lines) },
  };
}

async function perform(playing: Playing): Promise<void> {
  const { drill, situation, world } = playing;
  const step = async (says: string, act: () => Promise<void>): Promise<void> => {
    const atMs = timeOfDayMs();
    world.tell(says);
    try {
      await act();
      playing.steps.push({ says, atMs, failed: undefined });
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      playing.steps.push({ says, atMs, failed: error.message });
      throw error;
    }
  };
  try {
    await step('clients write', () => untilClientsWrite(playing));
    await step('what is to be undone is recorded', async () => {
      const problem = await record(world.places, drill.undo(situation));
      if (problem !== undefined) throw new StepFailed(problem);
    });
    for (const one of drill.steps(situation)) await step(saysOf(one), () => take(one, playing));
  } catch (error) {
    if (error instanceof Interrupted) playing.interrupted = true;
    else if (!(error instanceof StepFailed)) throw error;
  }
}

const enoughWrites = 50;

async function untilClientsWrite({ writer, world }: Playing): Promise<void> {
  for (const end = monotonicMs() + 30_000; writer.acknowledged() < enoughWrites; await pause(world))
    if (monotonicMs() > end) throw new StepFailed('they do not');
}

function saysOf(step: Step): string {
  if (step.do === 'healthy') return 'the region is healthy again';
  if (step.do === 'load') return step.turn === 'on' ? `${String(loadClients)} more clients write` : 'they end';
  return step.says;
}

type After = Pick<Played, 'healthyMs' | 'lacks' | 'primaryAfter' | 'rebooted'>;

/** Undoes what is recorded, on each node as soon as it answers, and waits until the region is healthy. */
async function recover(playing: Playing): Promise<After> {
  const { drill, situation, world } = playing;
  const open = new Set(byNode(drill.undo(situation)).keys());
  const end = monotonicMs() + (drill.seconds ?? healthySeconds) * 1000;
  world.tell('undone; until the region is healthy again');
  for (;;) {
    for (const node of open) if ((await undoing(world.places, node)).code === 0) open.delete(node);
    const seen = await see(playing);
    const missing = [
      ...lacks(seen, situation.nodes),
      ...[...open].map((node) => `${node}: not undone`),
      ...silence(seen),
    ];
    if (missing.length === 0 || monotonicMs() > end) return after(seen, missing, playing);
    await sleep(pollMs);
  }
}

function silence({ sinceAcknowledgedMs }: Seen): readonly string[] {
  return sinceAcknowledgedMs < 1000 ? [] : ['clients do not write'];
}

function after(seen: Seen, missing: readonly string[], { firstBoots }: Playing): After {
  const now = Object.entries(bootsIn(seen.nodes));
  return {
    healthyMs: missing.length === 0 ? timeOfDayMs() : undefined,
    lacks: missing,
    primaryAfter: primaryIn(seen),
    rebooted: now.filter(([name, boot]) => boot !== '' && boot !== firstBoots[name]).map(([name]) => name),
  };
}
