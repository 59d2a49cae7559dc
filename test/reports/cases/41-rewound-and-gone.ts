// After a rewind the primary has not the WAL any more that the rewound node would need: it is not left in between.
import { act, sql } from '../../differential/scenario.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import { beside, parted, untilRejoined } from './37-configuration-outside.ts';

/** n2 gives up the WAL since the fork. */
const gone = [
  ...Array.from({ length: 12 }, () => sql('n2', "select pg_logical_emit_message(false, 'x', 'x'), pg_switch_wal()")),
  sql('n2', 'checkpoint'),
];

export const cases: readonly ServersCase[] = [
  {
    number: 41,
    kind: 4,
    setup: 'servers',
    title: 'the WAL that a rewound node would need is gone: with rejoin=rewind,clone it is copied, and follows',
    before: 'This was handled with rejoin=rewind,clone.',
    core: false,
    play: async ({ cluster }) => {
      const small = '-c wal_keep_size=0 -c min_wal_size=2MB -c max_wal_size=2MB';
      const pair = await cluster({ parameters: { rejoin: 'rewind,clone', start_opt: small, ...beside } });
      await pair.does(...parted, ...gone);
      await untilRejoined(pair);
      expect(/step: (rewind|copy primary)/.test(pair.printed('n1')), 'n1 was neither rewound nor copied');
      await pair.must(0, act('monitor', 'n1'));
      return 'n1 is not left in between: it is a copy, and receives the WAL of n2.';
    },
  },
];
