// What a drill under way consists of, and what is seen of the region meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { timeOfDayMs } from '../lib/host/clock.ts';
import type { Drill, Seen, Situation } from './drills/drill.ts';
import type { StepTaken } from './drills/result.ts';
import { observe } from './observe.ts';
import type { Places } from './places.ts';
import type { Target } from './session.ts';
import type { Writer } from './writer.ts';

export type World = {
  readonly places: Places;
  /** The virtual IP. */
  readonly target: Target;
  /** Every node's own address. */
  readonly targets: Readonly<Record<string, Target>>;
  readonly tell: (line: string) => void;
  readonly stopping: () => boolean;
};

export const pollMs = 500;
export const healthySeconds = 180;

export class Interrupted extends Error {}
export class StepFailed extends Error {}

export type Playing = {
  readonly drill: Drill;
  readonly situation: Situation;
  readonly world: World;
  readonly writer: Writer;
  /** At the drill's begin; after `healthy`, at that time. */
  boots: Readonly<Record<string, string>>;
  readonly firstBoots: Readonly<Record<string, string>>;
  readonly steps: StepTaken[];
  /** When something was broken: a drill may have several parts. */
  readonly breaksMs: number[];
  /** Whether somebody wants it to end: what is broken is undone all the same. */
  interrupted: boolean;
  stopLoad: (() => Promise<void>) | undefined;
};

export function bootsIn(nodes: Seen['nodes']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, node?.boot ?? '']));
}

export async function see({ world, situation, writer, boots }: Playing): Promise<Seen> {
  const nodes = await observe(world.places, situation.cib.view.resource);
  return { nodes, boots, acknowledged: writer.acknowledged(), sinceAcknowledgedMs: timeOfDayMs() - writer.lastAcknowledgedMs() }; // prettier-ignore
}

export async function pause({ stopping }: World): Promise<void> {
  if (stopping()) throw new Interrupted();
  await sleep(pollMs);
}
