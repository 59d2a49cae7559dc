// Histories that have parted on one timeline: restart_on_promote=true begins no new one.
import { inWords, judgeEvidence, recordOf } from '../../../agent/rules/lock.ts';
import { unlock } from '../../../cli/region/unlock.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aNodeView, aView, primary } from '../../unit/cli/region/pretend-view.ts';
import type { FunctionCase } from '../case.ts';

const local = { systemId: '7000000000000000001', timeline: 1, end: 0x30e83c0n, ancestors: [] };
const other = { answers: { ...local, end: 0x3100000n }, inRecovery: false };

export const cases: readonly FunctionCase[] = [
  {
    number: 55,
    kind: 10,
    setup: 'function',
    title: 'where histories part on one timeline, no figure is told for what nobody can know',
    before: '"51282880 bytes of WAL are here only (timeline 1, 0/0 to 0/30E83C0)": the whole timeline.',
    core: true,
    play: () => {
      const evidence = judgeEvidence({ local, other }, 'other', true);
      const words = inWords(evidence);
      expect(words.includes('unknown point') && words.includes('restart_on_promote=true'), `the agent says: ${words}`);
      expect(!/bytes|0\/0/.test(words), `it tells a figure: ${words}`);
      const node = aNodeView('db2', { role: undefined, failures: 1, attributes: { 'pg-evidence': recordOf(evidence) ?? '' } });
      const plan = unlock('db2', undefined).plan(aView({ nodes: [primary('db1'), node] }));
      const says = 'refused' in plan ? plan.refused : JSON.stringify(plan);
      expect(says.includes('from where on is unknown') && says.includes('at most'), `cfha unlock says: ${says}`);
      return Promise.resolve(words);
    },
  },
]; // prettier-ignore
