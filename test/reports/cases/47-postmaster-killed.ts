// A postmaster that was killed: what runs is judged by processes, never by what the control file has left.
import { act, monitor, transition, vip } from '../../differential/scenario.ts';
import { kill } from '../../differential/call.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

export const cases: readonly ServersCase[] = [
  {
    number: 47,
    kind: 8,
    setup: 'servers',
    title:
      'the postmaster of the primary is killed: its monitor reports it as not running, and the standby is promoted',
    before: 'This was handled: the state was judged by processes.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({ mode: 'async' });
      await pair.replicates();
      const pid = pair.postmaster('n1');
      expect(pid !== undefined, 'the primary does not run');
      kill(pid);
      await waitUntil('the processes of n1 have ended', () => Promise.resolve(pair.postmaster('n1') === undefined), 20);
      await pair.must(7, monitor('n1'));
      await pair.must(0, ...transition('demote', 'n1'), act('stop', 'n1'), ...transition('promote', 'n2'), vip('n2'));
      await pair.must(8, monitor('n2'));
      expect((await pair.look('n2')).inRecovery === false, 'n2 is no primary');
      return 'The monitor returns 7, demote and stop return 0, and the standby is promoted.';
    },
  },
];
