// An action killed at any step and called again ends where the action ends that nobody interrupts.
import { join } from 'node:path';
import { differences, show } from '../differential/compare.ts';
import { observe, type Observation } from '../differential/observe.ts';
import { endServers, settle } from '../differential/servers.ts';
import { makeSide, type Rig, type Side } from '../differential/side.ts';
import type { Case } from './cases.ts';
import { call } from './interrupt.ts';
import type { Test } from './test.ts';

type Ending = { readonly seen: Observation; readonly steps: readonly string[] };

async function prepare(rig: Rig, one: Case, name: string): Promise<Side> {
  const root = join(rig.root, `${one.name.replaceAll(/[^a-z]+/g, '-').slice(0, 24)}-${name}`);
  const side = await makeSide({ rig, agent: 'ours', root, nodes: ['n1', 'n2'], parameters: one.parameters });
  for (const step of one.before) {
    await step.run(side);
    await settle(side);
  }
  return side;
}

/** Plays the case; `killAt` 0 is without interruption. */
async function ending(rig: Rig, one: Case, killAt: number): Promise<Ending> {
  const side = await prepare(rig, one, String(killAt));
  try {
    const options = { action: one.action, node: one.node, env: one.env };
    let last = await call(side, { ...options, ...(killAt > 0 ? { killAt } : {}) });
    const { steps } = last;
    // It may have ended before the signal came.
    if (last.exit === undefined) last = await call(side, options);
    await settle(side);
    return { seen: await observe(side, last.exit, { writes: 0 }), steps };
  } finally {
    await endServers(side);
  }
}

function compared(one: Case, want: Observation, { seen, steps }: Ending): string[] {
  const says = `killed at "${steps.at(-1) ?? ''}"`;
  return differences(steps.length, { says, upstream: want, ours: seen })
    .filter(({ what }) => what !== 'writes' && one.free?.test(what) !== true)
    .map((d) => show(d).replace('upstream:', 'whole:   ').replace('ours:', 'again:'));
}

export const interruptedAnywhere = (one: Case): Test => ({
  name: `interrupted anywhere: ${one.name}`,
  run: async (rig) => {
    const whole = await ending(rig, one, 0);
    if (whole.steps.length === 0) return ['it has no steps: nothing is tested'];
    const problems: string[] = [];
    for (let n = 1; n <= whole.steps.length; n++)
      problems.push(...compared(one, whole.seen, await ending(rig, one, n)));
    return problems;
  },
});
