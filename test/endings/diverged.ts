// Endings in which the old primary has WAL that the new one never got.
import type { Stage } from '../scenarios/stage.ts';
import { expect, waitUntil } from '../scenarios/waiting.ts';
import type { Ending, Pair } from './ending.ts';
import { untilPrimary } from './until.ts';
import { shell, sql } from './words.ts';

/** What the client writes while nothing reaches the standby: it is acknowledged, and the price of asynchronous replication. */
const inMoments = 300;

/** The primary writes 1 MB that is not sent, and loses its power. */
async function diverge(stage: Stage, { primary, standby }: Pair): Promise<void> {
  await shell(stage, primary, "pkill -STOP -f 'postgres: .*[w]alsender'");
  await sql(stage, primary, "select pg_logical_emit_message(false, 'here only', repeat('x', 1000000))");
  await stage.testbed.power('off', primary);
  await untilPrimary(stage, standby);
}

/** The bytes that the refusal names. */
async function bytesToLose(stage: Stage, on: string, node: string): Promise<string> {
  const { code, stdout, stderr } = await stage.on(on, ['cfha', 'unlock', node, '--yes']);
  const [, bytes] = /--accept-loss (\d+)/.exec(`${stdout}${stderr}`) ?? [];
  expect(code === 2 && bytes !== undefined, `it does not refuse, or names no bytes: ${code}\n${stdout}${stderr}`);
  return bytes;
}

export const divergedPrimaries: readonly Ending[] = [
  {
    name: 'the old primary has diverged',
    core: false,
    mayLose: inMoments,
    seconds: 180,
    happens: diverge,
  },
  {
    name: 'the old primary has diverged, and rejoin=manual',
    core: false,
    byItself: false,
    mayLose: inMoments,
    configured: { before: ['rejoin=manual'], after: ['rejoin=rewind,clone'] },
    happens: async (stage, pair) => {
      await diverge(stage, pair);
      // Pacemaker cuts the reason off before the code
      const says = async () => (await stage.on(pair.standby, ['crm_mon', '-1rf'])).stdout;
      const refused = async () => (await says()).includes('bytes of WAL are here only');
      await waitUntil('the start is refused: it has diverged', refused, 180).catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${await says()}`);
      });
    },
    needs: {
      says: 'cfha unlock NODE --accept-loss BYTES',
      act: async (stage, { primary, standby }) => {
        const bytes = await bytesToLose(stage, standby, primary);
        const wrong = await stage.on(standby, ['cfha', 'unlock', primary, '--accept-loss', `${bytes}1`, '--yes']);
        expect(wrong.code === 2, `another number is accepted: exit code ${wrong.code}`);
        const said = await stage.must(standby, ['cfha', 'unlock', primary, '--accept-loss', bytes, '--yes']);
        expect(said.includes(`${primary} streams from ${standby}`), `it does not say that it streams:\n${said}`);
      },
    },
  },
];
