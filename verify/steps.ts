// Takes the steps of a drill.
import { monotonicMs, timeOfDayMs } from '../lib/host/clock.ts';
import type { Seen, Step } from './drills/drill.ts';
import { lacks, primaryIn } from './drills/words.ts';
import { observe } from './observe.ts';
import { script } from './places.ts';
import { bootsIn, healthySeconds, pause, see, StepFailed, type Playing } from './playing.ts';
import { undoing } from './undo.ts';
import { startLoad } from './writer.ts';

export const loadClients = 8;

export async function take(step: Step, playing: Playing): Promise<void> {
  const { world, situation } = playing;
  switch (step.do) {
    case 'run':
      return runScript(step, playing);
    case 'poll':
      return pollScript(step, playing);
    case 'wait':
      return untilSeen(playing, step);
    case 'stays':
      return staysSo(playing, step);
    case 'undo':
      await Promise.all(situation.nodes.map((node) => undoing(world.places, node)));
      return;
    case 'healthy':
      await untilSeen(playing, { says: 'it is healthy', seconds: playing.drill.seconds ?? healthySeconds, until: (seen) => lacks(seen, situation.nodes).length === 0 }); // prettier-ignore
      playing.boots = bootsIn(await observe(world.places, situation.cib.view.resource));
      return;
    case 'load':
      if (step.turn === 'on') playing.stopLoad = startLoad(world.target, loadClients);
      else await playing.stopLoad?.();
  }
}

async function runScript(step: Extract<Step, { do: 'run' }>, playing: Playing): Promise<void> {
  if (step.breaks === true) playing.breaksMs.push(timeOfDayMs());
  const result = await script(playing.world.places, step.on, { text: `${step.script}\n`, seconds: step.seconds ?? 30 });
  if (step.mayFail === true) return;
  const said = `${result.stdout}${result.stderr}`.trim();
  const asExpected = step.expects === undefined ? result.code === 0 : step.expects.test(said);
  if (!asExpected) throw new StepFailed(`${result.failure ?? `exit code ${String(result.code)}`}: ${said.slice(-600)}`);
}

async function pollScript(step: Extract<Step, { do: 'poll' }>, { world }: Playing): Promise<void> {
  const end = monotonicMs() + step.seconds * 1000;
  for (;;) {
    const { stdout, stderr } = await script(world.places, step.on, { text: `${step.script}\n`, seconds: 20 });
    if (step.expects.test(stdout)) return;
    if (monotonicMs() > end) throw new StepFailed(`not within ${String(step.seconds)} s: ${`${stdout}${stderr}`.trim().slice(-400)}`);
    await pause(world);
  }
} // prettier-ignore

type Wait = Pick<Extract<Step, { do: 'wait' }>, 'says' | 'seconds' | 'until' | 'leaves'>;

const leavingMs = 30_000;

export async function untilSeen(playing: Playing, { seconds, until: holds, leaves }: Wait): Promise<void> {
  const begun = monotonicMs();
  for (;;) {
    const seen = await see(playing);
    if (holds(seen)) return;
    const waited = monotonicMs() - begun;
    if (waited > seconds * 1000) throw new StepFailed(`not within ${String(seconds)} s; ${inWords(seen)}`);
    if (waited > leavingMs && stayed(seen, leaves)) throw new StepFailed(`${leaves ?? ''} still lives as before; ${inWords(seen)}`);
    await pause(playing.world);
  }
} // prettier-ignore

function stayed({ nodes, boots }: Seen, node: string | undefined): boolean {
  return node !== undefined && nodes[node] !== undefined && nodes[node].boot === boots[node];
}

async function staysSo(playing: Playing, step: Extract<Step, { do: 'stays' }>): Promise<void> {
  for (const end = monotonicMs() + step.seconds * 1000; monotonicMs() < end; await pause(playing.world)) {
    const seen = await see(playing);
    if (!step.while(seen)) throw new StepFailed(`it does not stay so; ${inWords(seen)}`);
  }
}

function inWords(seen: Seen): string {
  const nodes = Object.entries(seen.nodes).map(([name, node]) => {
    if (node === undefined) return `${name} does not answer`;
    return `${name} ${node.boot === seen.boots[name] ? 'has not been started anew' : 'was started anew'}`;
  });
  const primary = primaryIn(seen);
  return [...nodes, primary === undefined ? 'no primary that all agree on' : `${primary} is the primary`].join(', ');
}
