// A chain: each step begins where the one before has ended, so the first failure ends it.
import type { Counts } from '../run/counts.ts';
import type { Stage } from '../scenarios/stage.ts';

export type Step = Readonly<{ name: string; play: (stage: Stage) => Promise<void> }>;
export type Chain = Readonly<{
  name: string;
  core: boolean;
  begin: (stage: Stage) => Promise<void>;
  steps: readonly Step[];
}>;

export async function playChain(stage: Stage, chain: Chain): Promise<Counts> {
  const start = performance.now();
  stage.say(`-- ${chain.name}`);
  let passed = 0;
  try {
    await chain.begin(stage);
    stage.say(`(begun after ${since(start)})`);
    for (const step of chain.steps) {
      const began = performance.now();
      stage.say(`.. ${step.name}`);
      await step.play(stage);
      stage.say(`ok   ${step.name} (${since(began)})`);
      passed++;
    }
  } catch (error) {
    await showFailure(stage, chain.steps[passed], error);
  }
  return { passed, failed: chain.steps.length - passed };
}

async function showFailure(stage: Stage, step: Step | undefined, error: unknown): Promise<void> {
  stage.say(`FAIL ${step?.name ?? ''}`);
  stage.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  stage.say((await stage.look())?.text ?? 'no node answers crm_mon');
}

function since(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(0)} s`;
}
