// rep_mode=slave where tmpdir does not exist: it is made, as in the other modes.
import { act, monitor, vip } from '../../differential/scenario.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

export const cases: readonly ServersCase[] = [
  {
    number: 46,
    kind: 6,
    setup: 'servers',
    title: 'a standby of a server outside the cluster is started without tmpdir: it is made, and the standby streams',
    before: 'This was handled: tmpdir was made (deviation D12).',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({ parameters: { rep_mode: 'slave' } });
      const alone = { env: { OCF_RESKEY_rep_mode: 'none' } };
      await pair.must(0, act('start', 'n1', alone), vip('n1'), act('start', 'n2'), monitor('n2'));
      const seen = await pair.look('n2');
      expect(seen.inRecovery === true && seen.receiving === true, JSON.stringify(seen));
      return 'start makes tmpdir, and the standby receives.';
    },
  },
];
