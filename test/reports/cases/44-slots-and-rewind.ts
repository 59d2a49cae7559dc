// Slots are not copied by a rewind: a rewound standby keeps no WAL for those that follow its primary.
import { sql } from '../../differential/scenario.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import { beside, parted, untilRejoined } from './37-configuration-outside.ts';

export const cases: readonly ServersCase[] = [
  {
    number: 44,
    kind: 5,
    setup: 'servers',
    title: 'a rewound standby has none of the primary’s slots',
    before: 'This was handled: pg_rewind leaves slots out since PostgreSQL 12.',
    core: false,
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { rejoin: 'rewind', ...beside } });
      await pair.does(...parted, sql('n2', "select pg_create_physical_replication_slot('of_others', true)"));
      await untilRejoined(pair);
      expect(pair.printed('n1').includes('step: rewind'), 'n1 was not rewound');
      const slots = await pair.ask<{ slot_name: string }>('n1', 'select slot_name from pg_replication_slots');
      expect(slots.length === 0, `n1 has the slots ${slots.map((row) => row.slot_name).join(' ')}`);
      return 'n1 has no slot after the rewind.';
    },
  },
];
