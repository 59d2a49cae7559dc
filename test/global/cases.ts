// What happens to a pair of sites, and what must come of it. Each case begins and ends with the first site as the primary and the
// second as its standby.
import { addressOf } from '../testbed/layout.ts';
import { expect, staysWhile, waitUntil } from '../scenarios/waiting.ts';
import { sleep } from '../testbed/processes.ts';
import {
  lookEvery,
  service,
  statusOf,
  untilServing,
  untilStandby,
  type Check,
  type Pair,
  type SiteNode,
} from './pair.ts';
import { backToFirst, cfha, failBack, freeze, goesOnWhileCut, serverStopped, serves, stopServer, thaw, thereAndBack } from './tell.ts'; // prettier-ignore

export type Case = Readonly<{
  name: string;
  core: boolean;
  /** How the traffic manager finds out where clients go; as the reference's, by a connection, if left out. */
  check?: Check;
  /** The longest time without an acknowledged insert that is as it must be, in seconds, on a machine that is very busy. */
  gap?: number;
  /** The same for the last one, which a person has asked for. */
  lastGap?: number;
  /** How often each gate may be seen to open, with the first one's at the beginning: whoever serves goes on serving. */
  openings?: Readonly<Record<SiteNode, number>>;
  /** Nothing that was acknowledged may be missing. */
  lossless: boolean;
  /** What a person has done. */
  person: string;
  play: (pair: Pair) => Promise<void>;
}>;

const aWreck = (name: string, check: Check): Case => ({
  ...{ name, check, core: false, lossless: false, person: 'rejoin, switchover' },
  play: async (pair) => {
    await freeze(pair, 'db1');
    await untilServing(pair, 'db2', 30);
    await thaw(pair, 'db1');
    await serverStopped(pair, 'db1');
    await failBack(pair);
  },
});

/** How often the second site has stopped by itself, as it says: at boot it is the job, or the watch, that comes first. */
const gaveWay = async (pair: Pair): Promise<number> =>
  (
    await pair.sh('db2', 'cat /var/log/cfha-global.log /var/log/pgsql-standby-check-access.log 2>/dev/null || true')
  ).split('Stopping the local database').length;

export const cases: readonly Case[] = [
  {
    name: 'database of the first site stopped (5.1.3.4)',
    core: false,
    gap: 60,
    lossless: true,
    person: 'rejoin, switchover',
    play: async (pair) => {
      await stopServer(pair, 'db1');
      await untilServing(pair, 'db2', 30);
      const log = await pair.sh('db2', 'cat /var/log/cfha-global.log');
      expect(log.includes('INFO: 2 failures reached, promoting myself to primary'), 'the log says why');
      await failBack(pair);
    },
  },
  {
    name: 'switchover there and back',
    core: false,
    gap: 10,
    openings: { db1: 2, db2: 1 },
    lossless: true,
    person: 'switchover twice',
    play: thereAndBack,
  },
  {
    name: 'first site isolated, and back',
    core: true,
    lossless: false,
    person: 'rejoin, switchover',
    play: async (pair) => {
      await pair.testbed.net('cut', 'db1');
      await untilServing(pair, 'db2', 30);
      await staysWhile('the second site serves', serves(pair, 'db2'), () => sleep(3000));
      await pair.testbed.net('heal', 'db1');
      await serverStopped(pair, 'db1');
      await failBack(pair);
    },
  },
  {
    name: 'first site’s plug pulled, and back',
    core: false,
    lossless: false,
    person: 'rejoin, switchover',
    play: async (pair) => {
      await pair.testbed.power('off', 'db1');
      await untilServing(pair, 'db2', 30);
      await pair.testbed.power('on', 'db1');
      const said = () => pair.sh('db1', 'cat /var/log/pgsql-primary-check-start.log');
      await waitUntil(
        'check-start has said why it does not start',
        async () => (await said()).includes('not starting local database'),
        60,
      );
      await failBack(pair);
    },
  },
  {
    name: 'only the line between the sites cut',
    core: false,
    gap: 10,
    lossless: true,
    person: '',
    play: (pair) => goesOnWhileCut(pair, { node: 'db1', to: addressOf('db2') }, 10_000),
  },
  {
    name: 'two of three witnesses lost',
    core: false,
    gap: 10,
    lossless: true,
    person: '',
    play: async (pair) => {
      for (const node of ['db4', 'db5']) await pair.testbed.net('cut', node);
      await staysWhile('the first site goes on', serves(pair, 'db1'), () => sleep(8000));
      for (const node of ['db4', 'db5']) await pair.testbed.net('heal', node);
    },
  },
  aWreck('a wreck that listens', 'tcp'),
  aWreck('a wreck that listens, HTTP check', 'http'),
  {
    name: 'switchover there and back, HTTP check',
    core: false,
    check: 'http',
    gap: 10,
    openings: { db1: 2, db2: 1 },
    lossless: true,
    person: 'switchover twice',
    play: thereAndBack,
  },
  {
    ...{ name: 'second site lost while the first is its standby', core: false, lossless: false },
    person: 'rejoin, failover, rejoin',
    play: async (pair) => {
      await stopServer(pair, 'db1');
      await untilServing(pair, 'db2', 30);
      pair.say(await cfha(pair, 'db1', 'rejoin --yes'));
      await untilStandby(pair, 'db1', 30);
      const before = await gaveWay(pair);
      await pair.testbed.power('off', 'db2');
      await waitUntil('the first says what a person may do', async () => (await statusOf(pair, 'db1'))?.todo.includes('cfha global failover here') === true, 30); // prettier-ignore
      await staysWhile('the first site is not promoted by itself', async () => (await statusOf(pair, 'db1'))?.here.server === 'standby', () => sleep(8000)); // prettier-ignore
      pair.say(await cfha(pair, 'db1', 'failover --yes'));
      await untilServing(pair, 'db1', 15);
      await pair.testbed.power('on', 'db2');
      await waitUntil('the second gives way', async () => (await gaveWay(pair)) > before, 90).catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${await pair.sh('db2', `cfha global status || true; systemctl status --no-pager ${service} cfha-global-gate cfha-global-watch || true; tail -20 /var/log/cfha-global.log`)}`);
      }); // prettier-ignore
      await serverStopped(pair, 'db2');
      pair.say(await cfha(pair, 'db2', 'rejoin --yes'));
      await untilStandby(pair, 'db2', 30);
    },
  },
  {
    ...{ name: 'switchover there and back, looking every 60 s', core: false, gap: 10, lossless: true },
    ...{ openings: { db1: 2, db2: 1 }, person: 'switchover twice' },
    play: async (pair) => {
      await lookEvery(pair, 60);
      pair.say(await cfha(pair, 'db2', 'switchover --yes'));
      await untilServing(pair, 'db2', 15);
      await staysWhile('its loan is renewed in time', serves(pair, 'db2'), () => sleep(40_000));
      await untilStandby(pair, 'db1', 30);
      await backToFirst(pair);
      await lookEvery(pair, 1);
      // What was lent for 30 s has to end, or the next case would wait for it.
      await staysWhile('the first site goes on', serves(pair, 'db1'), () => sleep(32_000));
    },
  },
  {
    name: 'failback by the two-step copy (5.1.3.5, 5.1.3.6)',
    core: false,
    lossless: true,
    person: 'release, initialize twice',
    play: async (pair) => {
      await stopServer(pair, 'db1');
      await untilServing(pair, 'db2', 30);
      pair.say(await pair.sh('db2', 'pgsql-standby-release', { timeoutMs: 180_000 }));
      pair.say(await pair.sh('db1', 'pgsql-primary-initialize', { timeoutMs: 180_000 }));
      await untilServing(pair, 'db1', 30);
      pair.say(await pair.sh('db2', 'pgsql-standby-initialize', { timeoutMs: 180_000 }));
      await untilStandby(pair, 'db2', 30);
    },
  },
];
