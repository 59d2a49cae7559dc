// Failures under a client's load: what happened, in the client's figures and in the cluster's words.
import type { Report } from '../testbed/gaps.ts';
import type { FenceEntry } from '../testbed/vcenter/fence-log.ts';
import { primaryOf, unhealthy, type Seen } from './seen.ts';
import type { Stage } from './stage.ts';
import { expect, waitUntil } from './waiting.ts';

export type Survived = Readonly<{
  before: string;
  after: string;
  client: Report;
  fenced: readonly FenceEntry[];
  seen: Seen;
}>;

/** How many rows the client has written so far, asked on the server itself. */
async function rowsOn(stage: Stage, node: string): Promise<number> {
  const sql = 'select count(*) from cfha_client';
  const psql = [
    'env',
    '-C',
    '/',
    'runuser',
    '-u',
    'postgres',
    '--',
    'psql',
    '-XAtq',
    '-d',
    'vmdb_production',
    '-c',
    sql,
  ];
  const { code, stdout } = await stage.on(node, psql, { timeoutMs: 10_000 }).catch(() => ({ code: -1, stdout: '' }));
  return code === 0 ? Number(stdout.trim()) : 0; // before the client has made the table
}

export async function untilMoreRows(stage: Stage, node: string, more: number): Promise<void> {
  const before = await rowsOn(stage, node);
  await waitUntil(`${more} more rows on ${node}`, async () => (await rowsOn(stage, node)) >= before + more, 60);
}

/** Starts the client, does the harm to the primary, waits until the other node has taken over and serves. */
export async function survive(stage: Stage, harm: (primary: string) => Promise<void>): Promise<Survived> {
  const seenBefore = await stage.look();
  const before = seenBefore && primaryOf(seenBefore);
  if (before === undefined) throw new Error('there is no primary to begin with');
  const after = stage.otherThan(before);
  const begun = new Date().toISOString();
  const client = stage.client(300);
  try {
    await untilMoreRows(stage, before, 100);
    await harm(before);
    const seen = await waitUntil(`${after} is the primary`, () => promotedOn(stage, after), 120);
    await untilMoreRows(stage, after, 100);
    const report = await client.stop();
    const fenced = stage.testbed.fenceLog().filter((entry) => entry.at > begun && entry.operation.startsWith('Power'));
    stage.say(told(report, fenced));
    return { before, after, client: report, fenced, seen };
  } catch (error) {
    await client.stop().catch(() => undefined);
    throw error;
  }
}

async function promotedOn(stage: Stage, node: string): Promise<Seen | undefined> {
  const seen = await stage.look();
  return seen && primaryOf(seen) === node ? seen : undefined;
}

/** The client's and the vCenter's story in two lines. */
export function told(report: Report, fenced: readonly FenceEntry[]): string {
  const { acknowledged, missing, unknown, longestGap } = report;
  const fencing = fenced.map(({ operation, vm, result, from }) => `${operation} ${vm} by ${from}: ${result}`);
  return [
    `client: ${acknowledged} rows acknowledged, ${missing} missing, ${unknown} unknown; longest gap ${longestGap.toFixed(1)} s`,
    `vCenter: ${fencing.join('; ') || 'not asked for power'}`,
  ].join('\n');
}

/** No acknowledged row is missing, but for what the mode allows. */
export function expectKept({ client }: Survived, allowed = 0): void {
  expect(client.acknowledged > 0, 'the client wrote nothing');
  expect(
    client.missing <= allowed,
    `${client.missing} acknowledged rows are missing: ${client.missingNumbers.join(' ')}`,
  );
}

/** The former primary comes back as a standby, and nobody has to help. */
export async function untilFollows(stage: Stage, node: string): Promise<void> {
  const follows = async (): Promise<boolean> => {
    const seen = await stage.look();
    return seen !== undefined && unhealthy(seen).length === 0 && seen.promoted[0] !== node;
  };
  await waitUntil(`${node} is back as a standby, by itself`, follows, 180);
}
