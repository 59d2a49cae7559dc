// Slots that cannot be named, and slots that cannot be made.
import { act, monitor, sql, transition } from '../../differential/scenario.ts';
import { validate, type Machine } from '../../../agent/rules/validate.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aCall } from '../../unit/agent/pretend-region.ts';
import type { Case } from '../case.ts';

const machine: Machine = {
  user: { name: 'postgres', uid: 107, gid: 115, home: '/var/lib/postgresql' },
  ...{ callerUid: 0, isProgram: () => true, configText: '', dataWritable: true, rejoins: () => false },
  ...{ isPrivate: () => true, tmpdirOwner: undefined, dataVersion: '15\n' },
};

const refused: readonly Record<string, string>[] = [
  { replication_slot_name: 'a'.repeat(60), node_list: 'db1 db2.example.com' },
  { replication_slot_name: 's', node_list: 'db1 db-2 db.2' },
  { replication_slot_name: 's', node_list: 'db1 db+2' },
];

export const cases: readonly Case[] = [
  {
    number: 7,
    kind: 5,
    setup: 'function',
    title: 'nodes whose slots PostgreSQL cannot name, or whose slots have one name, are refused by validation',
    before:
      'Names of 76 characters and two nodes with one slot were found at a promotion, which failed, or not at all.',
    core: true,
    play: () => {
      for (const parameters of refused) {
        const found = validate('start', aCall(parameters), machine);
        expect(found?.reason.code === 'SLOT_NAMES_WRONG', `${JSON.stringify(parameters)}: ${JSON.stringify(found)}`);
      }
      const good = validate('start', aCall({ replication_slot_name: 's', node_list: 'db1 db-2 db-3' }), machine);
      expect(good === undefined, JSON.stringify(good));
      return Promise.resolve('Validation names the parameter, the node, its slot and what PostgreSQL takes.');
    },
  },
  {
    number: 7,
    kind: 5,
    setup: 'servers',
    title: 'a slot that cannot be made fails no promotion, and is made by a later monitor',
    before: 'The promotion failed after the server had been promoted, on each node in turn.',
    core: true,
    play: async ({ cluster }) => {
      const parameters = { replication_slot_name: 'cf', start_opt: '-c max_replication_slots=1' };
      const pair = await cluster({ parameters });
      await pair.must(0, ...transition('start', 'n1'), sql('n1', "select pg_create_physical_replication_slot('x')"));
      await pair.must(0, act('promote', 'n1'));
      await pair.must(8, monitor('n1'), monitor('n1'));
      expect((await pair.look('n1')).slots === 'x', 'there is room for one slot');
      await pair.must(8, sql('n1', "select pg_drop_replication_slot('x')"), monitor('n1'));
      expect((await pair.look('n1')).slots === 'cf_n2', 'the slot of n2 was not made');
      return 'The promotion returns 0, the monitor 8, and the slot is there as soon as there is room for it.';
    },
  },
];
