// Three nodes: a standby has WAL beyond the point where the new primary's timeline begins.
import { act, configure, join_, leave, monitor, ownConfiguration, vip, work } from '../../differential/scenario.ts';
import { quick, three } from '../../differential/scenarios/pairs.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import { beside } from './37-configuration-outside.ts';

export const cases: readonly ServersCase[] = [
  {
    number: 40,
    kind: 4,
    setup: 'servers',
    title: 'a running standby is ahead of the new primary’s fork: it is restarted, rewound, and follows',
    before: 'This was handled with rejoin=rewind.',
    core: false,
    play: async ({ cluster }) => {
      const region = await cluster({ nodes: three, parameters: { rejoin: 'rewind', ...beside } });
      await region.does(...three.flatMap((node) => [configure(node, 'full_page_writes = on'), ownConfiguration(node)]));
      await region.must(0, ...quick('n2', 'n3'));
      // what n1 writes now, n3 gets and n2 does not
      await region.does(
        act('stop', 'n2'),
        work('n1'),
        work('n1'),
        act('stop', 'n3'),
        leave('n1'),
        leave('n3'),
        vip(undefined),
      );
      await region.must(0, act('start', 'n2'), act('promote', 'n2'), vip('n2'), work('n2'), join_('n3'));
      const follows = async (): Promise<boolean> => {
        const [code] = await region.does(act('start', 'n3'));
        if (code !== 0) await region.does(act('stop', 'n3'));
        await region.does(monitor('n2'));
        return (await region.look('n3')).receiving === true;
      };
      await waitUntil('n3 receives the WAL of n2', follows, 120).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${region.printed('n3')}`);
      });
      expect(region.printed('n3').includes('step: rewind'), 'n3 was not rewound');
      return 'n3 is rewound to the fork, and receives the WAL of n2.';
    },
  },
];
