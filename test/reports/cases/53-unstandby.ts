// cfha unstandby of a former primary, with the CIB of Pacemaker 2.1.5 as it was while it started again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unstandby } from '../../../cli/region/nodes.ts';
import { readView } from '../../../cli/region/view.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { FunctionCase } from '../case.ts';

const recorded = join(import.meta.dirname, '../../recordings/cibadmin/2.1.5/starting-again.xml');

export const cases: readonly FunctionCase[] = [
  {
    number: 53,
    kind: 10,
    setup: 'function',
    title: 'a former primary that is being started is not taken for promoted',
    before: 'cfha unstandby ended with "db2 is the primary", exit code 0, when db1 was; agents read the same.',
    core: true,
    play: () => {
      const view = readView({ code: 0, stdout: readFileSync(recorded, 'utf8'), stderr: '' }, undefined);
      const roles = view.nodes.map(({ name, role }) => `${name}: ${role ?? 'stopped'}`).join(', ');
      expect(roles === 'db1: Promoted, db2: stopped', `the roles are read as ${roles}`);
      const progress = { before: view, done: ['unstandby'], sinceMs: 0, quietMs: 0, nowMs: 0, stopping: false };
      const move = unstandby('db2').next(view, progress);
      expect(move.move === 'wait', `cfha unstandby goes on with ${JSON.stringify(move)}`);
      return Promise.resolve(`${roles}; cfha unstandby waits until db2 streams.`);
    },
  },
];
