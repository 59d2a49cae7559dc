// What a region of three survives: the loss of any node, and of a second one when the first is back.
import { allStream, type Ending } from '../endings/ending.ts';
import { untilAllOn, untilPromotedAnew } from '../endings/until.ts';
import type { Stage } from '../scenarios/stage.ts';
import { untilMoreRows } from '../scenarios/survived.ts';
import { waitUntil } from '../scenarios/waiting.ts';

/** Plug pulled, and the others have noticed: fencing gives the power back. */
async function losePrimary(stage: Stage, primary: string): Promise<string> {
  const next = await untilPromotedAnew(stage, () => stage.testbed.power('off', primary));
  await untilMoreRows(stage, next, 50);
  await untilAllOn(stage);
  return next;
}

async function loseStandby(stage: Stage, { primary, standby }: { primary: string; standby: string }): Promise<void> {
  await stage.testbed.power('off', standby);
  await untilMoreRows(stage, primary, 50);
  await untilAllOn(stage);
}

async function untilAllStream(stage: Stage): Promise<void> {
  const all = async (): Promise<boolean> => {
    const seen = await stage.look();
    return seen !== undefined && allStream(stage, seen);
  };
  await waitUntil('all three stream', all, 240);
}

/** `mayLose`: acknowledged rows that each loss of a primary may cost. */
export function drillsOf(mayLose: number): readonly Ending[] {
  return [
    {
      name: 'primary’s plug pulled',
      core: true,
      mayLose,
      seconds: 240,
      happens: async (stage, { primary }) => {
        await losePrimary(stage, primary);
      },
    },
    {
      name: 'a standby’s plug pulled',
      core: true,
      seconds: 240,
      happens: loseStandby,
    },
    {
      name: 'primary’s network cut',
      core: true,
      mayLose,
      seconds: 240,
      happens: async (stage, { primary }) => {
        const next = await untilPromotedAnew(stage, async () => {
          await stage.testbed.net('cut', primary);
          await waitUntil(`${primary} is fenced`, () => Promise.resolve(!stage.testbed.isOn(primary)), 60);
          await stage.testbed.net('heal', primary);
        });
        await untilMoreRows(stage, next, 50);
        await untilAllOn(stage);
      },
    },
    {
      name: 'primary’s plug pulled, and the next one’s when the first is back',
      core: true,
      mayLose: 2 * mayLose,
      seconds: 240,
      happens: async (stage, { primary }) => {
        const next = await losePrimary(stage, primary);
        await untilAllStream(stage);
        await losePrimary(stage, next);
      },
    },
    {
      name: 'a standby’s plug pulled, and the primary’s when it is back',
      core: true,
      mayLose,
      seconds: 240,
      happens: async (stage, pair) => {
        await loseStandby(stage, pair);
        await untilAllStream(stage);
        await losePrimary(stage, pair.primary);
      },
    },
  ];
}
