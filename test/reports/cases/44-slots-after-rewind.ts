// Slots of the primary are not brought by a rewind.
import { act, configure, join_, leave, monitor, sql, vip, work } from '../../differential/scenario.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

export const cases: readonly ServersCase[] = [
  {
    number: 44,
    kind: 5,
    setup: 'servers',
    title: 'a former primary that was rewound has no slots of the new primary',
    before: 'This was handled: pg_rewind leaves out pg_replslot from PostgreSQL 12 on.',
    core: false,
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { rejoin: 'rewind', replication_slot_name: 'cf' } });
      await pair.does(configure('n1', 'full_page_writes = on'), configure('n2', 'full_page_writes = on'));
      await pair.replicates();
      await pair.must(0, act('stop', 'n2'), work('n1'), leave('n1'), vip(undefined), act('start', 'n2'));
      await pair.must(0, act('promote', 'n2'), vip('n2'), work('n2'), join_('n1'));
      await pair.must(0, sql('n2', "select pg_create_physical_replication_slot('backup', true)"), act('start', 'n1'));
      await pair.must(0, monitor('n1'));
      const [primary, standby] = [await pair.look('n2'), await pair.look('n1')];
      expect(primary.slots === 'backup cf_n1', `n2 has ${primary.slots ?? 'no slots'}`);
      expect(standby.slots === undefined, `n1 has ${standby.slots ?? ''}`);
      expect(standby.receiving === true, 'n1 does not stream');
      return 'The rewound node has no slots, and streams by its own on the new primary.';
    },
  },
];
