// What synchronous mode must survive without losing one acknowledged row. And both nodes stream again by themselves.
import type { Ending, Pair } from '../endings/ending.ts';
import { untilAllOn, untilPrimary } from '../endings/until.ts';
import type { Stage } from '../scenarios/stage.ts';
import { untilMoreRows } from '../scenarios/survived.ts';
import { expect, waitUntil } from '../scenarios/waiting.ts';

const vcenter = '10.77.0.1';

async function attribute(stage: Stage, node: string, name: string): Promise<string> {
  const { stdout } = await stage.on(node, ['crm_mon', '-A', '-1'], { timeoutMs: 10_000 }).catch(() => ({ stdout: '' }));
  return new RegExp(`${name}\\s*:\\s*(.*\\S)`).exec(stdout)?.[1] ?? '';
}

/** The primary says that commits wait, and for whom. */
async function untilWaits(stage: Stage, { primary, standby }: Pair): Promise<string> {
  return waitUntil(
    `commits on ${primary} wait for ${standby}`,
    async () => {
      const says = await attribute(stage, primary, 'postgresql-waits-for');
      return says.startsWith(`${standby} since `) ? says : undefined;
    },
    60,
  );
}

async function reach(stage: Stage, may: boolean): Promise<void> {
  for (const node of stage.nodes)
    await stage.must(node, ['ip', 'route', may ? 'del' : 'add', 'unreachable', `${vcenter}/32`]);
}

/** Fencing may have been faster. */
async function pullPlug(stage: Stage, node: string): Promise<void> {
  if (stage.testbed.isOn(node)) await stage.testbed.power('off', node);
}

async function powerOn(stage: Stage, order: readonly string[]): Promise<void> {
  for (const node of order) if (!stage.testbed.isOn(node)) await stage.testbed.power('on', node);
}

export const drills: readonly Ending[] = [
  {
    name: 'network cut, the standby is fenced',
    core: true,
    seconds: 180,
    happens: async (stage, { primary, standby }) => {
      await stage.testbed.net('cut', standby);
      await waitUntil(`${standby} is fenced`, () => Promise.resolve(!stage.testbed.isOn(standby)), 60);
      await stage.testbed.net('heal', standby);
      await untilMoreRows(stage, primary, 50);
      await untilAllOn(stage);
    },
  },
  {
    name: 'network cut, the primary is fenced',
    core: true,
    seconds: 180,
    happens: async (stage, { primary, standby }) => {
      await stage.testbed.net('cut', primary);
      await waitUntil(`${primary} is fenced`, () => Promise.resolve(!stage.testbed.isOn(primary)), 60);
      await stage.testbed.net('heal', primary);
      await untilPrimary(stage, standby);
      await untilAllOn(stage);
    },
  },
  {
    name: 'network cut and healed before anyone is fenced',
    core: false,
    seconds: 180,
    happens: async (stage, { standby }) => {
      await stage.testbed.net('cut', standby);
      await stage.testbed.net('heal', standby);
    },
  },
  {
    name: 'network cut, and the fencing device cannot be reached',
    core: false,
    seconds: 240,
    happens: async (stage, pair) => {
      await reach(stage, false);
      await stage.testbed.net('cut', pair.standby);
      const says = await untilWaits(stage, pair);
      expect(says.includes('lost and not fenced'), `it says: ${says}`);
      await reach(stage, true);
      await untilMoreRows(stage, pair.primary, 50);
      await stage.testbed.net('heal', pair.standby);
      await untilAllOn(stage);
    },
  },
  {
    name: 'standby’s PostgreSQL frozen',
    core: false,
    seconds: 240,
    happens: async (stage, { primary, standby }) => {
      await stage.must(standby, ['pkill', '-STOP', '-u', 'postgres', 'postgres']);
      await untilMoreRows(stage, primary, 50);
    },
  },
  {
    name: 'standby’s plug pulled',
    core: false,
    seconds: 180,
    happens: async (stage, { primary, standby }) => {
      await pullPlug(stage, standby);
      await untilMoreRows(stage, primary, 50);
      await untilAllOn(stage);
    },
  },
  {
    name: 'primary’s plug pulled',
    core: false,
    seconds: 180,
    happens: async (stage, { primary, standby }) => {
      await pullPlug(stage, primary);
      await untilPrimary(stage, standby);
      await untilAllOn(stage);
    },
  },
  {
    name: 'primary’s plug pulled while the standby catches up',
    core: false,
    seconds: 180,
    happens: async (stage, { primary, standby }) => {
      await pullPlug(stage, standby);
      await untilMoreRows(stage, primary, 50);
      await untilAllOn(stage);
      const streams = async (): Promise<boolean> =>
        (await stage.on(standby, ['pgrep', '-f', 'postgres: .*walreceiver'])).code === 0;
      await waitUntil(`${standby} streams again`, streams, 120);
      await pullPlug(stage, primary);
      await untilAllOn(stage);
    },
  },
  ...[true, false].map((standbyFirst): Ending => ({
    name: `both plugs pulled, the ${standbyFirst ? 'standby' : 'primary'} returns first`,
    core: false,
    seconds: 240,
    happens: async (stage, { primary, standby }) => {
      await pullPlug(stage, primary);
      await pullPlug(stage, standby);
      await powerOn(stage, standbyFirst ? [standby, primary] : [primary, standby]);
      await untilAllOn(stage);
    },
  })),
];
