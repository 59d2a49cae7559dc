// cfha status while every commit waits for a standby, or while the primary's monitor has failed.
import { statusOf } from '../../../cli/region/status.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aView, primary, standby } from '../../unit/cli/region/pretend-view.ts';
import type { FunctionCase } from '../case.ts';

const now = new Date(1_764_050_012_000);
const sync = standby('db2', { attributes: { 'pg-data-status': 'STREAMING|SYNC' } });
const waiting = { role: 'primary', standbys: [], slots: { count: 0, limit: '4GB', strays: [] }, waiting: { count: 3, seconds: 104 } } as const; // prettier-ignore

export const cases: readonly FunctionCase[] = [
  {
    number: 50,
    kind: 10,
    setup: 'function',
    title: 'cfha status says "reads only" while commits wait, and "no" while the primary has failed its monitor',
    before: '"May I write? yes, at 10.77.0.100 (db1)" for 170 s in which no commit returned.',
    core: true,
    play: () => {
      const measured = statusOf(aView({ nodes: [primary('db1'), sync] }), { local: waiting, fencing: undefined, now });
      expect(measured.code === 4 && measured.write.startsWith('reads only'), `measured here: ${measured.write}`);
      const failing = primary('db1', { failing: true, reason: 'the server is alive but hung: timeout expired [UNANSWERED]' });
      const failed = statusOf(aView({ nodes: [failing, sync] }), { local: undefined, fencing: undefined, now });
      expect(failed.code === 4 && failed.write.startsWith('no: the primary on db1 has failed'), `seen elsewhere: ${failed.write}`);
      return Promise.resolve(measured.write);
    },
  },
]; // prettier-ignore
