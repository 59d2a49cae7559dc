// stats_temp_directory in /run, which is empty after a reboot: it is made before the server is started.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { act, configure } from '../../differential/scenario.ts';
import { nodeFolder } from '../../differential/side.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

export const cases: readonly ServersCase[] = [
  {
    number: 45,
    kind: 6,
    setup: 'servers',
    title: 'the directory of stats_temp_directory is gone: start makes it, as the server’s user has to have it',
    before: 'This was handled for a line in the main configuration file.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({});
      // PostgreSQL 15 and later know no such setting: there only the directory can be looked at
      await pair.does(configure('n1', "stats_temp_directory = '@node/stats'"), act('start', 'n1'));
      const { uid, mode } = statSync(join(nodeFolder(pair.side, 'n1'), 'stats'));
      const seen = `owner ${uid}, mode ${(mode & 0o777).toString(8)}`;
      expect(uid === pair.side.rig.owner.uid && (mode & 0o777) === 0o700, seen);
      return 'It is there, owned by the server’s user, mode 700.';
    },
  },
];
