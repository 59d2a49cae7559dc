// The directory of the statistics collector, before PostgreSQL 15. No such server is to be had here: what it would answer is given.
import { chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicMs } from '../../../lib/host/clock.ts';
import { findUser } from '../../../lib/host/identity.ts';
import { spawnExec } from '../../../lib/host/spawn.ts';
import { makeStatsDirectory } from '../../../agent/stats-directory.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aCall } from '../../unit/agent/pretend-region.ts';
import type { FunctionCase } from '../case.ts';

/** What comes of it where the server's configuration, with all that it includes, names this directory. */
async function making(data: string, directory: string): Promise<string | undefined> {
  const run = spawnExec();
  const user = await findUser('postgres', run);
  expect(user !== undefined, 'there is no user postgres');
  const exec: typeof run = (command) =>
    command.argv.includes('-C') ? Promise.resolve({ code: 0, stdout: `${directory}\n`, stderr: '' }) : run(command);
  const site = {
    action: 'start',
    call: aCall({ pgdata: data }),
    user,
    exec,
    deadline: monotonicMs() + 10_000,
  } as const;
  return makeStatsDirectory(site);
}

export const cases: readonly FunctionCase[] = [
  {
    number: 45,
    kind: 6,
    setup: 'function',
    title: 'stats_temp_directory is made wherever it is configured, by the server’s user and not by root',
    before: 'It was read from the main file only, and root made any directory that it named and gave it away.',
    core: true,
    play: async () => {
      const place = mkdtempSync(join(tmpdir(), 'cfha-stats-'));
      try {
        const { uid, gid } = (await findUser('postgres', spawnExec())) ?? { uid: 0, gid: 0 };
        const [data, open, closed] = ['data', 'open', 'closed'].map((name) => join(place, name)) as [string, string, string];
        for (const folder of [data, open, closed]) mkdirSync(folder, { mode: 0o755 });
        for (const folder of [place, open]) chownSync(folder, uid, gid);
        writeFileSync(join(data, 'PG_VERSION'), '13\n');
        expect((await making(data, join(open, 'a/stats'))) === undefined, 'it is not made');
        expect(lstatSync(join(open, 'a/stats')).uid === uid, 'it is not the server’s');
        const refused = await making(data, join(closed, 'stats'));
        expect(refused?.includes('stats_temp_directory') === true && !existsSync(join(closed, 'stats')), `root made it: ${refused ?? ''}`);
        writeFileSync(join(data, 'PG_VERSION'), '15\n');
        expect((await making(data, join(closed, 'stats'))) === undefined, 'PostgreSQL 15 has no such directory');
      } finally {
        rmSync(place, { recursive: true });
      }
      return 'The server’s user makes it; where that user may not, the start says so and root makes nothing.';
    },
  },
]; // prettier-ignore
