// An archive that does not answer: the restore_command hangs when the primary is lost, and when the standby is started.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kill } from '../../differential/call.ts';
import { act, monitor, transition, vip } from '../../differential/scenario.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import type { Cluster } from '../servers.ts';

async function killPrimary(pair: Cluster): Promise<void> {
  const pid = pair.postmaster('n1');
  expect(pid !== undefined, 'the primary does not run');
  kill(pid);
  await waitUntil('the processes of n1 have ended', () => Promise.resolve(pair.postmaster('n1') === undefined), 20);
}

const since = (begun: number): number => (performance.now() - begun) / 1000;

function expectSoon(what: string, took: number, limit: number): void {
  expect(took < limit, `${what} took ${took.toFixed(1)} s, not less than ${limit} s`);
}

const onServers: ServersCase = {
  number: 11,
  kind: 4,
  setup: 'servers',
  title: 'a restore_command that hangs holds up neither a promotion nor a start',
  before: 'promote ended after 55 s with STEP_FAILED, and the start of the same server hung in the same command.',
  core: false,
  play: async ({ cluster, folder }) => {
    const hang = join(folder, 'hang');
    const pair = await cluster({ parameters: { restore_command: `test -e ${hang} && sleep 120; exit 1` } });
    await pair.replicates();
    writeFileSync(hang, '');
    await killPrimary(pair);
    await pair.must(7, monitor('n1'));
    await pair.must(0, ...transition('demote', 'n1'), act('stop', 'n1'));
    let begun = performance.now();
    await pair.must(0, ...transition('promote', 'n2'), vip('n2'));
    const promoted = since(begun);
    expectSoon('promote', promoted, 25);
    await pair.must(8, monitor('n2'));
    begun = performance.now();
    await pair.must(0, ...transition('start', 'n1'));
    const started = since(begun);
    expectSoon('start', started, 55);
    return `promote takes ${promoted.toFixed(0)} s, and a start of the other node ${started.toFixed(0)} s of its 60 s.`;
  },
};

export const cases: readonly ServersCase[] = [onServers];
