// Data checksums, which PostgreSQL 18 has on by default and older releases have not: the region states them.
import { expect } from '../../scenarios/waiting.ts';
import type { TestbedCase } from '../case.ts';

export const cases: readonly TestbedCase[] = [
  {
    number: 42,
    kind: 6,
    setup: 'testbed',
    title: 'the data of all nodes have checksums, whatever the release has by default',
    before: 'This was handled: initdb was told explicitly.',
    core: false,
    play: async ({ region }) => {
      for (const node of region.stage.nodes) {
        const on = await region.sql(node, 'show data_checksums');
        expect(on === 'on', `${node}: data_checksums is ${on}`);
      }
      return 'Both nodes have data_checksums=on.';
    },
  },
];
