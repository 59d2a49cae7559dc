// What a fast shutdown waits for and is no standby of the cluster: a frozen receiver, a slow archiver.
import { execFileSync, spawn } from 'node:child_process';
import { configure, transition } from '../../differential/scenario.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';
import type { Cluster } from '../servers.ts';

async function demoted(pair: Cluster): Promise<number> {
  const begun = performance.now();
  await pair.must(0, ...transition('demote', 'n1'));
  return (performance.now() - begun) / 1000;
}

const printed = (pair: Cluster): string => /STOP_\w+[^\n]*/.exec(pair.printed('n1'))?.[0] ?? 'nothing';

function state(pair: Cluster): string {
  const text = execFileSync(`${pair.side.rig.programs}/pg_controldata`, ['-D', pair.data('n1')], { encoding: 'utf8', env: { LC_ALL: 'C' } }); // prettier-ignore
  return /cluster state: +(.*)/.exec(text)?.[1] ?? '';
}

function expectClean(pair: Cluster, seconds: number, who: string): void {
  expect(seconds < 25, `demote took ${seconds.toFixed(1)} s: ${printed(pair)}`);
  expect(state(pair) === 'shut down', `it was not shut down: ${state(pair)}`);
  expect(printed(pair).includes(`STOP_RELEASED`) && printed(pair).includes(who), printed(pair));
}

const about = { number: 22, kind: 4, setup: 'servers' } as const;

export const cases: readonly ServersCase[] = [
  {
    ...about,
    title: 'a demotion does not wait for a frozen receiver that is no standby of the cluster',
    before: 'The shutdown waited for it until stop_escalate was over, and was then an immediate one.',
    core: true,
    play: async ({ cluster, folder }) => {
      const pair = await cluster({});
      await pair.replicates();
      await pair.ask('n1', 'create table r (n int)');
      const words = ['-h', pair.sockets('n1'), '-U', 'postgres', '-D', folder, '--no-loop'];
      const receiver = spawn(`${pair.side.rig.programs}/pg_receivewal`, words, { stdio: 'ignore', env: { PGAPPNAME: 'frozen' } }); // prettier-ignore
      try {
        const streams = async () =>
          (await pair.ask('n1', `select from pg_stat_replication where application_name = 'frozen' and state = 'streaming'`)).length === 1; // prettier-ignore
        await waitUntil('the receiver streams', streams, 20);
        receiver.kill('SIGSTOP');
        await pair.ask('n1', 'insert into r values (1)');
        const seconds = await demoted(pair);
        expectClean(pair, seconds, 'frozen');
        return `demote takes ${seconds.toFixed(0)} s, ends the receiver and leaves a clean shutdown.`;
      } finally {
        receiver.kill('SIGKILL');
      }
    },
  },
  {
    ...about,
    title: 'a demotion does not wait for an archiver with many segments and a slow command',
    before: 'The shutdown waited for it until stop_escalate was over, and was then an immediate one.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({});
      await pair.does(configure('n1', 'archive_mode = on'), configure('n1', "archive_command = 'sleep 3'"));
      await pair.replicates();
      for (let n = 0; n < 20; n++) await pair.ask('n1', `select pg_logical_emit_message(false, 'x', 'x'), pg_switch_wal()`); // prettier-ignore
      const seconds = await demoted(pair);
      expectClean(pair, seconds, 'archiver');
      return `demote takes ${seconds.toFixed(0)} s, ends the archiver and leaves a clean shutdown.`;
    },
  },
];
