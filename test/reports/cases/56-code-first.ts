// The code of a reason, of which Pacemaker keeps the first 127 bytes.
import { reasons, tell, type Reason } from '../../../agent/reasons.ts';
import { readExitReason } from '../../../cli/region/exit-reason.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { FunctionCase } from '../case.ts';

const kept = 127;
const long: Reason = { code: 'HANDOVER_INCOMPLETE', node: 'a-node-with-a-long-name', end: '0000000003102090', position: '00000000030F54D0' }; // prettier-ignore

export const cases: readonly FunctionCase[] = [
  {
    number: 56,
    kind: 10,
    setup: 'function',
    title: 'the code comes first, and cfha reads it there and where agents before had it',
    before: 'crm_mon showed "… can go on without loss [HANDOVER_IN".',
    core: true,
    play: () => {
      const cut = tell(long).slice(0, kept);
      expect(tell(long).length > kept && cut.startsWith('[HANDOVER_INCOMPLETE] '), `it is kept as ${cut}`);
      for (const code of Object.keys(reasons)) {
        expect(readExitReason(`[${code}] words`).code === code, `${code} is not read at the beginning`);
        expect(readExitReason(`words [${code}]`).code === code, `${code} is not read at the end`);
      }
      const former = readExitReason('db1 can go on without loss [HANDOVER_IN');
      expect(former.code === 'HANDOVER_INCOMPLETE', `a code that was cut is read as ${former.code ?? 'none'}`);
      return Promise.resolve(cut);
    },
  },
];
