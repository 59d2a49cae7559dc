// The pair of sites on a testbed:  scripts/with-node test/global/run.ts [--core] [--case TEXT] [--name NAME] [--keep]
import { parseArgs } from 'node:util';
import { countsLine } from '../run/counts.ts';
import { ensureExecutable } from '../scenarios/stage.ts';
import { waitUntil } from '../scenarios/waiting.ts';
import { addressOf } from '../testbed/layout.ts';
import type { Report } from '../testbed/gaps.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { cases, type Case } from './cases.ts';
import { gtm, layOut, nodeCount, pairOn, setUp, untilStandby, type Pair } from './pair.ts';
import { overlapMs, watchGates } from './seen.ts';

const { values } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    case: { type: 'string', default: '' },
    name: { type: 'string', default: 'global' },
    keep: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line.trimEnd()}\n`);

type Row = Readonly<{ case: Case; report: Report | undefined; bothMs: number | undefined; wrong: readonly string[] }>;

async function play(pair: Pair, one: Case): Promise<Row> {
  say(`-- ${one.name}`);
  const wrong: string[] = [];
  const gates = await watchGates(pair);
  const client = pair.testbed.startClient({ seconds: 600, host: addressOf(gtm), passwordFile: pair.passwordFile });
  try {
    await untilWriting(pair);
    await one.play(pair);
    await untilWriting(pair);
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  const report = await client.stop().catch((error: unknown) => void wrong.push(`the client: ${String(error)}`));
  const seen = await gates.end();
  const bothMs = overlapMs(seen.db1, seen.db2);
  const row = {
    case: one,
    report: report ?? undefined,
    bothMs,
    wrong: [...wrong, ...judged(one, report ?? undefined, bothMs)],
  };
  say(tableText([row]));
  return row;
}

function judged({ gap, lossless }: Case, report: Report | undefined, bothMs: number): readonly string[] {
  return [
    ...(bothMs > 0 ? [`both gates were open for ${bothMs} ms`] : []),
    ...(lossless && report !== undefined && report.missing > 0
      ? [`${report.missing} acknowledged rows are missing`]
      : []),
    ...(gap !== undefined && report !== undefined && report.longestGap > gap
      ? [`a gap of ${report.longestGap} s`]
      : []),
  ];
}

/** The client's rows arrive. */
async function untilWriting(pair: Pair): Promise<void> {
  const count = async (): Promise<number> => {
    const ask = `PGCONNECT_TIMEOUT=2 PGPASSWORD="$(cat ${pair.passwordFile})" psql -h ${addressOf(gtm)} -U cloudforms -XAtqc 'select count(*) from cfha_client' vmdb_production`;
    const { stdout } = await pair.on('admin', ['sh', '-c', ask], { timeoutMs: 5000 });
    return Number(stdout.trim() || 'NaN');
  };
  let before = Infinity;
  await waitUntil('the client writes', async () => {
    const now = await count();
    const grows = now > before;
    before = Number.isNaN(now) ? Infinity : now;
    return grows;
  }, 60); // prettier-ignore
}

const heads = ['case', 'gap', 'acknowledged', 'lost', 'two gates open', 'person'] as const;

function tableText(rows: readonly Row[]): string {
  const cells = rows.map(({ case: { name, person }, report, bothMs, wrong }) => [
    name,
    report === undefined ? '?' : `${report.longestGap.toFixed(1)} s`,
    report === undefined ? '?' : String(report.acknowledged),
    report === undefined ? '?' : String(report.missing),
    bothMs === undefined ? '?' : `${bothMs} ms`,
    [person, ...wrong.map((line) => `FAIL: ${line}`)].filter(Boolean).join('; '),
  ]);
  const lines = [heads, ...cells];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n'); // prettier-ignore
}

const testbed = openTestbed(values.name);
const chosen = cases.filter(({ core, name }) => (core || !values.core) && name.includes(values.case));
try {
  await ensureExecutable(say);
  await testbed.down({ wipe: true });
  await testbed.up({ nodes: nodeCount, say });
  const pair = pairOn(testbed, { guarded: true, interval: 1 }, say);
  await layOut(pair);
  await setUp(pair);
  await untilStandby(pair, 'db2', 30);
  say('the pair is set up');
  const rows: Row[] = [];
  for (const one of chosen) {
    rows.push(await play(pair, one));
    if (rows.some(({ wrong }) => wrong.length > 0)) break; // the next one would begin with the remains of this one
  }
  say(`\n${tableText(rows)}\n`);
  const failed = rows.filter(({ wrong }) => wrong.length > 0).length + (chosen.length - rows.length);
  say(countsLine({ passed: chosen.length - failed, failed }));
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await testbed.down(values.keep ? {} : { wipe: true });
}
