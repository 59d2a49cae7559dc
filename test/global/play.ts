// A case played with a client and a look at both gates, and the tables of what came of them.
import { waitUntil } from '../scenarios/waiting.ts';
import { addressOf } from '../testbed/layout.ts';
import type { Report } from '../testbed/gaps.ts';
import type { RunningClient } from '../testbed/testbed.ts';
import type { Case } from './cases.ts';
import type { Misfortune } from './compare.ts';
import { watchLanding } from './landing.ts';
import { gtm, ports, sites, type Check, type Pair, type SiteNode } from './pair.ts';
import { openings, overlapMs, watchGates, type Stretch } from './seen.ts';

function startClient(pair: Pair, check: Check = 'tcp', seconds: number): RunningClient {
  const { passwordFile } = pair;
  return pair.testbed.startClient({ seconds, host: addressOf(gtm), port: ports[check], passwordFile });
}

export type Row = Readonly<{
  case: Case;
  report: Report | undefined;
  bothMs: number | undefined;
  wrong: readonly string[];
  ended: boolean;
}>;

export async function play(pair: Pair, one: Case): Promise<Row> {
  pair.say(`-- ${one.name}`);
  const wrong: string[] = [];
  const gates = await watchGates(pair);
  const client = startClient(pair, one.check, 1800);
  try {
    await untilWriting(pair, one.check);
    await one.play(pair);
    await untilWriting(pair, one.check);
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  const report = await client.stop().catch((error: unknown) => void wrong.push(`the client: ${String(error)}`));
  const seen = await gates.end();
  const bothMs = overlapMs(seen.db1, seen.db2);
  const ended = wrong.length === 0;
  const row = {
    case: one,
    ended,
    report: report ?? undefined,
    bothMs,
    wrong: [...wrong, ...judged(one, report ?? undefined, bothMs), ...tooOften(one, seen)],
  };
  pair.say(tableText([row]));
  pair.say(
    `   without an insert, over 0.3 s: ${
      gapsOf(row.report)
        .map((gap) => `${gap.toFixed(1)} s`)
        .join(', ') || 'never'
    }`,
  );
  return row;
}

const gapsOf = (report: Report | undefined): readonly number[] => report?.gaps.map(({ seconds }) => seconds) ?? [];

function judged(one: Case, report: Report | undefined, bothMs: number): readonly string[] {
  const { missing = 0, longestGap = 0 } = report ?? {};
  const last = gapsOf(report).at(-1) ?? 0;
  const wrong: readonly (readonly [boolean, string])[] = [
    [bothMs > 0, `both gates were open for ${bothMs} ms`],
    [one.lossless && missing > 0, `${missing} acknowledged rows are missing`],
    [longestGap > (one.gap ?? Infinity), `a gap of ${longestGap} s`],
    [last > (one.lastGap ?? Infinity), `a last gap of ${last} s`],
  ];
  return wrong.filter(([is]) => is).map(([, text]) => text);
}

function tooOften({ openings: most }: Case, seen: Readonly<Record<SiteNode, readonly Stretch[]>>): readonly string[] {
  if (most === undefined) return [];
  return sites
    .map((node) => ({ node, times: openings(seen[node]) }))
    .filter(({ node, times }) => times > most[node])
    .map(({ node, times }) => `the gate of ${node} opened ${times} times, not ${most[node]}`);
}

/** The client's rows arrive. */
async function untilWriting(pair: Pair, check: Check = 'tcp'): Promise<void> {
  const count = async (): Promise<number> => {
    const ask = `PGCONNECT_TIMEOUT=2 PGPASSWORD="$(cat ${pair.passwordFile})" psql -h ${addressOf(gtm)} -p ${ports[check]} -U cloudforms -XAtqc 'select count(*) from cfha_client' vmdb_production`;
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

const heads = ['case', 'gap', 'acknowledged', 'lost', 'two gates open', 'person needed'] as const;

export function tableText(rows: readonly Row[]): string {
  const cells = rows.map(({ case: { name, person }, report, bothMs, wrong }) => [
    name,
    gapOf(report),
    ...[String(report?.acknowledged ?? '?'), String(report?.missing ?? '?')],
    bothMs === undefined ? '?' : `${bothMs} ms`,
    [person, ...wrong.map((line) => `FAIL: ${line}`)].filter(Boolean).join('; '),
  ]);
  return columns([heads, ...cells]);
}

function columns(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n'); // prettier-ignore
}

export type Compared = Readonly<{
  name: string;
  rules: 'reference' | 'cfha';
  report: Report | undefined;
  bothMs: number;
  /** Connections that came to a standby. */
  landed: number;
}>;

/** Whatever comes of it is a result. */
export async function suffer(
  pair: Pair,
  { name, check, breaks }: Misfortune,
  rules: Compared['rules'],
): Promise<Compared> {
  pair.say(`-- ${name}: ${rules === 'cfha' ? 'cfha global' : 'the rules of the reference'}`);
  const gates = await watchGates(pair);
  const landing = watchLanding(pair, ports[check ?? 'tcp']);
  const client = startClient(pair, check, 600);
  await untilWriting(pair, check);
  await breaks(pair);
  const report = await client.stop().catch(() => undefined);
  const seen = await gates.end();
  const row = { name, rules, report, bothMs: overlapMs(seen.db1, seen.db2), landed: await landing.end() };
  pair.say(comparedText([row]));
  return row;
}

export function comparedText(rows: readonly Compared[]): string {
  const cells = rows.map(({ name, rules, report, bothMs, landed }) => [
    ...[name, rules === 'cfha' ? 'cfha global' : 'the reference’s', gapOf(report)],
    ...[String(report?.acknowledged ?? '?'), String(report?.missing ?? '?'), `${bothMs} ms`, String(landed)],
  ]);
  const head = ['misfortune', 'rules', 'gap', 'acknowledged', 'lost', 'two ports open', 'connections to a standby'];
  return columns([head, ...cells]);
}

const gapOf = (report: Report | undefined): string =>
  report === undefined ? '?' : `${report.longestGap.toFixed(1)} s`;

/** What must hold of ours, and what shows that the comparison compares something. */
export function wrongIn(rows: readonly Compared[]): readonly string[] {
  const ours = rows.filter(({ rules }) => rules === 'cfha');
  const theirs = rows.filter(({ rules }) => rules === 'reference');
  return [
    ...rows.flatMap(({ name, rules, report, landed }) => (report === undefined || Number.isNaN(landed) ? [`${name}, ${rules}: it was not measured`] : [])), // prettier-ignore
    ...ours.flatMap(({ name, bothMs, landed }) => (bothMs > 0 || landed > 0 ? [`${name}: ${bothMs} ms, ${landed} connections to a standby`] : [])), // prettier-ignore
    ...(rows.length === 0 || theirs.some(({ bothMs }) => bothMs > 0) ? [] : ['the reference’s rules never opened two ports: nothing is shown']), // prettier-ignore
  ];
}
