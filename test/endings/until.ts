// What the drills wait for.
import { primaryOf } from '../scenarios/seen.ts';
import type { Stage } from '../scenarios/stage.ts';
import { waitUntil } from '../scenarios/waiting.ts';

export async function untilPrimary(stage: Stage, node: string, seconds = 120): Promise<void> {
  await waitUntil(`${node} is the primary`, async () => (await primaryNow(stage)) === node, seconds);
}

/**
 * Takes the primary away, and waits for the next promotion. It may be the same node that is promoted: a machine that is
 * fenced is switched on again, and if it is back before the others have agreed, the last primary has every commit.
 */
export async function untilPromotedAnew(stage: Stage, takeAway: () => Promise<void>, seconds = 120): Promise<string> {
  const before = (await promotionNow(stage))?.timeline ?? '';
  await takeAway();
  const next = async (): Promise<string | undefined> => {
    const now = await promotionNow(stage);
    return now !== undefined && now.timeline > before ? now.primary : undefined;
  };
  return waitUntil(`a promotion after timeline ${before}`, next, seconds);
}

async function promotionNow(
  stage: Stage,
): Promise<{ readonly primary: string; readonly timeline: string } | undefined> {
  const seen = await stage.look();
  const primary = seen && primaryOf(seen);
  const timeline = primary === undefined ? undefined : seen?.attributes[primary]?.['postgresql-timeline'];
  return primary === undefined || timeline === undefined ? undefined : { primary, timeline };
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
