// A slot that somebody has dropped, as an administrator does who reads that nobody uses it.
import { act, monitor, sql } from '../../differential/scenario.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

export const cases: readonly ServersCase[] = [
  {
    number: 8,
    kind: 5,
    setup: 'servers',
    title: 'the slot of a standby that is away is dropped by hand: it is made again, and the standby streams',
    before: 'The slot came back with the next promotion only; until then the standby did not stream.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { replication_slot_name: 'cf' } });
      await pair.replicates();
      await pair.must(0, act('stop', 'n2'), sql('n1', "select pg_drop_replication_slot('cf_n2')"));
      await pair.must(0, act('start', 'n2'));
      await pair.must(8, monitor('n1'));
      expect(pair.attribute('n1', 'slot') === undefined, 'the slot of n1 is no object here');
      expect(pair.attribute('n2', 'slot') === 'missing', 'what keeps n2 from streaming is not recorded');
      const streams = async () => (await pair.look('n2')).receiving === true;
      await waitUntil('n2 streams', streams, 20);
      await pair.must(8, monitor('n1'));
      expect(pair.attribute('n2', 'slot') === undefined, 'the record stays although n2 streams');
      return 'The next monitor of the primary makes the slot and records that it was missing; then the standby streams.';
    },
  },
];
