// What postgresql.conf, a role and a database say about transactions, where our sessions need something else.
import { act, configure, killServer, monitor, sql, transition, vip } from '../../differential/scenario.ts';
import type { ServersCase } from '../case.ts';

const settings = {
  default_transaction_isolation: "'serializable'",
  default_transaction_read_only: 'on',
  default_transaction_deferrable: 'on',
} as const;

/** As a cluster's, a role's and a database's setting. Our own comes last, for the next session cannot write any more. */
function statements(): string {
  const all = Object.entries(settings).map(([name, value]) => `set ${name} = ${value}`);
  const of = (what: string): string => all.map((set) => `alter ${what} ${set}`).join('; ');
  return `${of('database postgres')}; ${of('database template1')}; ${of('role postgres')}`;
}

export const cases: readonly ServersCase[] = [
  {
    number: 5,
    kind: 3,
    setup: 'servers',
    title: 'transactions are serializable, read-only and deferrable by default: every action goes on',
    before: 'On a standby start, monitor and promote ended with 1: cannot use serializable mode in a hot standby.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { replication_slot_name: 'cf' } });
      await pair.replicates();
      await pair.does(sql('n1', statements()));
      await pair.must(0, monitor('n2'));
      await pair.must(8, monitor('n1'));
      await pair.must(0, ...transition('stop', 'n2'));
      for (const node of ['n1', 'n2'])
        for (const [name, value] of Object.entries(settings)) await pair.does(configure(node, `${name} = ${value}`));
      await pair.must(0, ...transition('start', 'n2'), monitor('n2'));
      await pair.must(8, monitor('n1'), monitor('n1'));
      await pair.does(killServer('n1'));
      await pair.must(7, monitor('n1'));
      await pair.must(0, ...transition('demote', 'n1'), act('stop', 'n1'));
      await pair.must(0, ...transition('promote', 'n2'), vip('n2'));
      await pair.must(8, monitor('n2'));
      await pair.must(0, ...transition('start', 'n1'), monitor('n1'));
      await pair.must(8, monitor('n2'));
      return 'A standby is monitored with 0, started again and promoted with 0, and the former primary follows it.';
    },
  },
];
