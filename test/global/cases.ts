// What happens to a pair of sites, and what must come of it. Each case begins and ends with the first site as the primary and the
// second as its standby.
import { addressOf } from '../testbed/layout.ts';
import { expect, staysWhile, waitUntil } from '../scenarios/waiting.ts';
import { service, statusOf, untilServing, untilStandby, type Pair, type SiteNode } from './pair.ts';
import { sleep } from '../testbed/processes.ts';

export type Case = Readonly<{
  name: string;
  core: boolean;
  /** The longest time without an acknowledged insert that is as it must be, in seconds, on a machine that is very busy. */
  gap?: number;
  /** Nothing that was acknowledged may be missing. */
  lossless: boolean;
  /** What a person has done. */
  person: string;
  play: (pair: Pair) => Promise<void>;
}>;

async function cfha(pair: Pair, node: SiteNode, ...args: readonly string[]): Promise<string> {
  return pair.sh(node, `cfha global ${args.join(' ')} 2>&1`, { timeoutMs: 180_000 });
}

/** The first site becomes a standby, and then the primary again. */
async function failBack(pair: Pair): Promise<void> {
  pair.say(await cfha(pair, 'db1', 'rejoin --yes'));
  await untilStandby(pair, 'db1', 30);
  await backToFirst(pair);
}

async function backToFirst(pair: Pair): Promise<void> {
  pair.say(await cfha(pair, 'db1', 'switchover --yes'));
  await untilServing(pair, 'db1', 15);
  await untilStandby(pair, 'db2', 30);
}

const serverStopped = (pair: Pair, node: SiteNode) =>
  waitUntil(`${node} has stopped by itself`, async () => (await statusOf(pair, node))?.here.server === 'stopped', 30);

async function power(pair: Pair, turn: 'on' | 'off', node: SiteNode): Promise<void> {
  await pair.testbed.power(turn, node);
}

/** Only the line between the sites. */
const cutScript = (address: string): string =>
  `nft -f - <<'E'
table inet cut {
  chain in { type filter hook input priority -100; ip saddr ${address} drop; }
  chain out { type filter hook output priority -100; ip daddr ${address} drop; }
}
E`;

export const cases: readonly Case[] = [
  {
    name: 'database of the first site stopped (5.1.3.4)',
    core: false,
    gap: 60,
    lossless: true,
    person: 'rejoin, switchover',
    play: async (pair) => {
      await pair.sh('db1', `systemctl stop ${service}`);
      await untilServing(pair, 'db2', 30);
      const log = await pair.sh('db2', 'cat /var/log/cfha-global.log');
      expect(log.includes('INFO: 2 failures reached, promoting myself to primary'), 'the log says why');
      await failBack(pair);
    },
  },
  {
    name: 'switchover there and back',
    core: false,
    gap: 60,
    lossless: true,
    person: 'switchover twice',
    play: async (pair) => {
      pair.say(await cfha(pair, 'db2', 'switchover --yes'));
      await untilServing(pair, 'db2', 15);
      await untilStandby(pair, 'db1', 30);
      await backToFirst(pair);
    },
  },
  {
    name: 'first site isolated, and back',
    core: true,
    lossless: false,
    person: 'rejoin, switchover',
    play: async (pair) => {
      await pair.testbed.net('cut', 'db1');
      await untilServing(pair, 'db2', 30);
      const serves = async () => (await statusOf(pair, 'db2'))?.writable === 'here';
      await staysWhile('the second site serves', serves, () => sleep(3000));
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
      await power(pair, 'off', 'db1');
      await untilServing(pair, 'db2', 30);
      await power(pair, 'on', 'db1');
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
    play: async (pair) => {
      const still = async () => (await statusOf(pair, 'db1'))?.writable === 'here';
      await pair.sh('db1', cutScript(addressOf('db2')));
      await staysWhile('the first site goes on', still, () => sleep(10_000));
      await pair.sh('db1', 'nft delete table inet cut');
      await untilStandby(pair, 'db2', 30);
    },
  },
  {
    name: 'two of three witnesses lost',
    core: false,
    gap: 10,
    lossless: true,
    person: '',
    play: async (pair) => {
      const still = async () => (await statusOf(pair, 'db1'))?.writable === 'here';
      for (const node of ['db4', 'db5']) await pair.testbed.net('cut', node);
      await staysWhile('the first site goes on', still, () => sleep(8000));
      for (const node of ['db4', 'db5']) await pair.testbed.net('heal', node);
    },
  },
  {
    name: 'a wreck that listens',
    core: false,
    lossless: false,
    person: 'rejoin, switchover',
    play: async (pair) => {
      await pair.sh('db1', 'pkill -STOP -u postgres');
      await untilServing(pair, 'db2', 30);
      await pair.sh('db1', 'pkill -CONT -u postgres');
      await serverStopped(pair, 'db1');
      await failBack(pair);
    },
  },
  {
    name: 'failback by the two-step copy (5.1.3.5, 5.1.3.6)',
    core: false,
    lossless: true,
    person: 'release, initialize twice',
    play: async (pair) => {
      await pair.sh('db1', `systemctl stop ${service}`);
      await untilServing(pair, 'db2', 30);
      pair.say(await pair.sh('db2', 'pgsql-standby-release', { timeoutMs: 180_000 }));
      pair.say(await pair.sh('db1', 'pgsql-primary-initialize', { timeoutMs: 180_000 }));
      await untilServing(pair, 'db1', 30);
      pair.say(await pair.sh('db2', 'pgsql-standby-initialize', { timeoutMs: 180_000 }));
      await untilStandby(pair, 'db2', 30);
    },
  },
];
