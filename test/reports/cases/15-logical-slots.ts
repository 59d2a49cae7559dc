// Logical slots on a primary that becomes a standby.
import { configure, monitor, sql, transition, vip } from '../../differential/scenario.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

export const cases: readonly ServersCase[] = [
  {
    number: 15,
    kind: 5,
    setup: 'servers',
    title: 'a demoted primary drops what it keeps for nodes, keeps a logical slot, and drops it where that is wanted',
    before: 'Slots of nodes stayed after a demotion to a standby, and logical ones were neither shown nor dropped.',
    core: false,
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { replication_slot_name: 'cf', demote_to: 'standby' } });
      await pair.does(configure('n1', 'wal_level = logical'), configure('n2', 'wal_level = logical'));
      await pair.replicates();
      await pair.does(sql('n1', "select pg_create_logical_replication_slot('app', 'test_decoding')"));
      await pair.must(0, ...transition('demote', 'n1'), ...transition('promote', 'n2'), vip('n2'));
      await pair.must(0, monitor('n1'), monitor('n1'));
      const kept = (await pair.look('n1')).slots;
      expect(kept === 'app', `n1 has the slots ${kept ?? 'none'}`);
      await pair.must(0, monitor('n1', { env: { OCF_RESKEY_logical_slots: 'drop' } }));
      const left = (await pair.look('n1')).slots;
      expect(left === undefined, `n1 still has ${left ?? ''}`);
      expect(pair.printed('n1').includes('[LOGICAL_SLOTS_DROPPED]'), 'it was dropped silently');
      return 'The slot of the other node is dropped, the logical one stays; with logical_slots=drop it goes, and that is said.';
    },
  },
];
