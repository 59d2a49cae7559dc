// Joins look, act and the log into the World that run.ts works in.
import { monotonicMs } from '../lib/host/clock.ts';
import type { Decision } from './decision.ts';
import { act } from './act.ts';
import { look, type Memory } from './look.ts';
import type { Site } from './site.ts';
import { tell } from './reasons.ts';
import type { World } from './run.ts';
import { classify, type Snapshot } from './snapshot.ts';
import { describe, type Step } from './steps.ts';

/** Where lines go: Pacemaker logs what an agent writes to stderr. */
export type Log = (severity: 'info' | 'warning', text: string) => void;

export function realWorld(site: Site, log: Log): World {
  const memory: Memory = { cluster: undefined, clusterFailure: undefined, asked: false, steppedMs: monotonicMs() };
  return {
    look: () => look(site, memory),
    act: async (step) => {
      if (step.do !== 'wait') log('info', `step: ${describe(step)}`);
      const outcome = await act(step, site, memory);
      if (step.do !== 'wait') memory.steppedMs = monotonicMs();
      if (outcome.remark !== undefined) log('warning', tell(outcome.remark));
      return outcome.failed;
    },
    tell: (decision, snapshot) => {
      // A healthy monitor changes nothing and says nothing.
      if (decision.steps.some(matters))
        log('info', `found ${classify(snapshot)}, asked ${site.action}: ${sum(decision)}`);
      // What ends an action is its exit reason; what is gone on with is said here.
      if (decision.then === 'look again' && decision.because !== undefined) log('info', tell(decision.because));
    },
  };
}

/** A world whose first look has begun before anybody asks for it. */
export function ahead(world: World): World {
  let first: Promise<Snapshot> | undefined = world.look();
  first.catch(() => undefined); // whoever looks is told
  const look = (): Promise<Snapshot> => {
    const now = first ?? world.look();
    first = undefined;
    return now;
  };
  return { ...world, look };
}

function matters(step: Step): boolean {
  return step.do !== 'wait';
}

function sum({ steps, then }: Decision): string {
  return `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}, then ${then === 'look again' ? then : `exit ${then}`}`;
}
