// A former primary that died and is rewound: its recovery needs the configuration, which is not among the data.
import {
  act,
  configure,
  join_,
  leave,
  monitor,
  ownConfiguration,
  vip,
  work,
  type Step,
} from '../../differential/scenario.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import type { Cluster } from '../servers.ts';

/** n1 died as a primary with WAL that n2, the primary now, has never got. Both have their configuration beside the data. */
export const parted: readonly Step[] = [
  ...['n1', 'n2'].flatMap((node) => [configure(node, 'full_page_writes = on'), ownConfiguration(node)]),
  ...[act('start', 'n1'), act('promote', 'n1'), vip('n1'), act('start', 'n2'), monitor('n1')],
  ...[act('stop', 'n2'), work('n1'), leave('n1'), vip(undefined)],
  ...[act('start', 'n2'), act('promote', 'n2'), vip('n2'), work('n2'), join_('n1')],
];

export const beside = { config: '@node/postgresql.conf' } as const;

/** Starts n1 as often as Pacemaker would, until it receives the WAL of n2. */
export async function untilRejoined(cluster: Cluster): Promise<void> {
  const receives = async (): Promise<boolean> => {
    const [code] = await cluster.does(act('start', 'n1'));
    if (code !== 0) await cluster.does(act('stop', 'n1'));
    const seen = await cluster.look('n1');
    return seen.inRecovery === true && seen.receiving === true;
  };
  await waitUntil('n1 is a standby that receives', receives, 120).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${cluster.printed('n1')}`);
  });
}

export const cases: readonly ServersCase[] = [
  {
    number: 37,
    kind: 6,
    setup: 'servers',
    title: 'a crashed former primary with its configuration outside the data is rewound, and follows',
    before: 'This was handled: recovery and pg_rewind were given the configuration file.',
    core: false,
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { rejoin: 'rewind', ...beside } });
      await pair.does(...parted);
      expect((await pair.look('n2')).inRecovery === false, 'n2 is no primary');
      await untilRejoined(pair);
      expect(pair.printed('n1').includes('step: rewind'), 'n1 was not rewound');
      return 'n1 is recovered, rewound, and receives the WAL of n2.';
    },
  },
];
