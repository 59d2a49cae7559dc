// CREATE DATABASE locks template1 until a standby has it. pgdb is not set: what asks the server must not need that database.
import { spawn } from 'node:child_process';
import { act, killServer, monitor } from '../../differential/scenario.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import type { Cluster } from '../servers.ts';

/** Begins to make a database, and returns when that waits for the standby; true later, if it has ended well. */
async function makeDatabase(pair: Cluster): Promise<{ ended: Promise<boolean> }> {
  const words = ['-XAtq', '-h', pair.sockets('n1'), '-d', 'postgres', '-c', 'create database made'];
  const psql = spawn('runuser', ['-u', 'postgres', '--', `${pair.side.rig.programs}/psql`, ...words], { cwd: '/' });
  const ended = new Promise<boolean>((resolve) => psql.on('exit', (code) => resolve(code === 0)));
  const waits = "select 1 from pg_stat_activity where query ~ '^create database' and wait_event = 'SyncRep'";
  await waitUntil('CREATE DATABASE waits for the standby', async () => (await pair.ask('n1', waits)).length > 0, 20);
  return { ended };
}

const quickly = { env: { OCF_RESKEY_CRM_meta_timeout: '20000' } };

export const cases: readonly ServersCase[] = [
  {
    number: 4,
    kind: 3,
    setup: 'servers',
    title: 'a database is made in sync mode when the standby is lost: the primary’s monitor lets the commit go on',
    before: 'The monitor waited for template1 as well: 1 after 20 s, and the commit waited for that monitor.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({ mode: 'sync' });
      await pair.replicates();
      await pair.does(killServer('n2'));
      const { ended } = await makeDatabase(pair);
      const begun = performance.now();
      await pair.must(8, monitor('n1', quickly));
      const took = (performance.now() - begun) / 1000;
      expect(took < 10, `the monitor took ${took.toFixed(1)} s`);
      await pair.must(7, monitor('n2'));
      await pair.must(0, act('stop', 'n2'));
      await pair.must(8, monitor('n1', quickly), monitor('n1', quickly));
      expect(await ended, 'CREATE DATABASE has failed');
      return `The monitor ends with 8 after ${took.toFixed(1)} s, and the database is made.`;
    },
  },
];
