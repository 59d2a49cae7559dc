// A partition of the two servers that leaves clients and, on one side, the fencing device in reach: the window in which
// pgsql's primary goes on without its standby while nobody knows that it will be fenced.
import type { Ending, Pair } from '../endings/ending.ts';
import { untilAllOn, untilPrimary } from '../endings/until.ts';
import { shell } from '../migration/by-hand.ts';
import type { Stage } from '../scenarios/stage.ts';
import { waitUntil } from '../scenarios/waiting.ts';
import { addressOf, switchAddress } from '../testbed/layout.ts';

/** Packets from this node to those addresses end here, or do so no more. */
async function route(stage: Stage, node: string, how: Readonly<Record<string, 'add' | 'del'>>): Promise<void> {
  for (const [address, word] of Object.entries(how))
    await stage.must(node, ['ip', 'route', word, 'unreachable', `${address}/32`]);
}

/** One value of a node's own server. */
export async function ask(stage: Stage, node: string, sql: string): Promise<string> {
  return (await shell(stage, node, `runuser -u postgres -- env -C / psql -XAtq -c "${sql}"`)).trim();
}

/**
 * Cuts the servers apart; fencing answers nobody until the primary has given up the connection of its standby and `meanwhile`
 * is over, and then the standby only, which has the primary fenced and takes over.
 */
export async function fencedLate(
  stage: Stage,
  { primary, standby }: Pair,
  meanwhile: (pair: Pair) => Promise<void>,
): Promise<void> {
  await route(stage, primary, { [addressOf(standby)]: 'add', [switchAddress]: 'add' });
  await route(stage, standby, { [addressOf(primary)]: 'add', [switchAddress]: 'add' });
  const senders = 'select count(*) from pg_stat_replication';
  const given = async (): Promise<boolean> => (await ask(stage, primary, senders)) === '0';
  await waitUntil(`${primary} gives up its connection to ${standby}`, given, 90);
  await meanwhile({ primary, standby });
  await route(stage, standby, { [switchAddress]: 'del' });
  await waitUntil(`${primary} is fenced`, () => Promise.resolve(!stage.testbed.isOn(primary)), 150);
  await route(stage, standby, { [addressOf(primary)]: 'del' });
  await untilPrimary(stage, standby, 180);
  await untilAllOn(stage);
}

/** Several monitors of the primary: time to go on alone for whoever would. */
const enoughMs = 15_000;

/** Until rows come again, or long enough that they would have; how many came. */
export async function rowsMeanwhile(stage: Stage, node: string): Promise<number> {
  const count = async (): Promise<number> =>
    Number(
      await shell(
        stage,
        node,
        `runuser -u postgres -- env -C / psql -XAtq -d vmdb_production -c 'table cfha_client' | wc -l`,
      ),
    );
  const before = await count();
  const until = performance.now() + enoughMs;
  const more = async (): Promise<number | undefined> => {
    const rows = (await count()) - before;
    return rows >= 50 || performance.now() > until ? rows : undefined;
  };
  return waitUntil('rows come, or none do', more, 60);
}

export const apart: Ending = {
  name: 'servers cut apart, the standby has the primary fenced late',
  core: false,
  seconds: 240,
  happens: (stage, pair) =>
    fencedLate(stage, pair, async ({ primary }) => {
      stage.say(`${await rowsMeanwhile(stage, primary)} rows without the standby`);
    }),
};
