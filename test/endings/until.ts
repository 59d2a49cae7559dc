// What the drills wait for.
import { primaryOf } from '../scenarios/seen.ts';
import type { Stage } from '../scenarios/stage.ts';
import { waitUntil } from '../scenarios/waiting.ts';

export async function untilPrimary(stage: Stage, node: string, seconds = 120): Promise<void> {
  await waitUntil(`${node} is the primary`, async () => (await primaryNow(stage)) === node, seconds);
}

/** The primary that takes over from `former`. */
export async function untilAnotherPrimary(stage: Stage, former: string): Promise<string> {
  const another = async (): Promise<string | undefined> => {
    const primary = await primaryNow(stage);
    return primary === former ? undefined : primary;
  };
  return waitUntil(`another node than ${former} is the primary`, another, 120);
}

async function primaryNow(stage: Stage): Promise<string | undefined> {
  const seen = await stage.look();
  return seen && primaryOf(seen);
}

/** Power is given back by whoever fenced, or by a boot that has been ordered. */
export async function untilAllOn(stage: Stage): Promise<void> {
  for (const node of stage.nodes)
    await waitUntil(`${node} has power again`, () => Promise.resolve(stage.testbed.isOn(node)), 90);
}
