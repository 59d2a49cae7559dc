// PostgreSQL 12, whose pg_waldump lacks what a former primary is proven by.
import { validate, type Machine } from '../../../agent/rules/validate.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aCall } from '../../unit/agent/pretend-region.ts';
import type { FunctionCase } from '../case.ts';

const machine: Omit<Machine, 'dataVersion'> = {
  ...{ user: { name: 'postgres', uid: 26, gid: 26, home: '/' }, callerUid: 0 },
  ...{ configText: '', dataWritable: true },
  tmpdirOwner: undefined,
  ...{ isProgram: () => true, rejoins: () => false, isPrivate: () => true },
};
const codeFor = (dataVersion: string, mode: string): string | undefined =>
  validate('start', aCall({ rep_mode: mode }), { ...machine, dataVersion })?.reason.code;

export const cases: readonly FunctionCase[] = [
  {
    number: 35,
    kind: 8,
    setup: 'function',
    title: 'PostgreSQL 12 is refused where it replicates, and taken alone',
    before: 'It was taken, and a former primary stayed LOCKED: pg_waldump of 12 has no --quiet.',
    core: true,
    play: () => {
      for (const mode of ['async', 'sync'])
        expect(codeFor('12\n', mode) === 'VERSION_UNSUPPORTED', `rep_mode=${mode}: ${codeFor('12\n', mode)}`);
      for (const version of ['13\n', '18\n'])
        expect(codeFor(version, 'async') === undefined, `PostgreSQL ${version}: ${codeFor(version, 'async')}`);
      expect(codeFor('12\n', 'none') === undefined, `rep_mode=none: ${codeFor('12\n', 'none')}`);
      return Promise.resolve('Validation returns VERSION_UNSUPPORTED for 12.');
    },
  },
];
