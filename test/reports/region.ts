// A region on a testbed: the words in which a case of setup "testbed" is told.
import { allStream } from '../endings/ending.ts';
import { primaryOf, type Seen } from '../scenarios/seen.ts';
import type { Stage } from '../scenarios/stage.ts';
import { untilMoreRows } from '../scenarios/survived.ts';
import { expect, waitUntil } from '../scenarios/waiting.ts';
import type { Report } from '../testbed/gaps.ts';
import { sleep } from '../testbed/processes.ts';

/** An attribute, or `role`, that has become another one: seen about once a second. */
export type Change = Readonly<{ seconds: number; node: string; name: string; value: string }>;

export type Region = Readonly<{
  stage: Stage;
  /** By the role they had when the case began. */
  primary: string;
  standby: string;
  /** What the cluster says now; throws if no node answers. */
  look: () => Promise<Seen>;
  /** Every change of an attribute or role since the case began. */
  changes: () => readonly Change[];
  /** What psql prints for a statement in `postgres` on a node's own server. */
  sql: (node: string, statement: string) => Promise<string>;
  /** Runs a shell script as root on a node; it has to succeed. */
  sh: (node: string, script: string) => Promise<string>;
  /** Runs `cfha` with arguments on a node; its code is a result. */
  cfha: (node: string, ...words: readonly string[]) => Promise<Readonly<{ code: number; text: string }>>;
  /** What a client at the virtual IP saw that wrote while this was done, from 50 rows before to 50 rows after it. */
  whileWriting: (work: () => Promise<unknown>) => Promise<Report>;
  /** Waits until this node is the only primary. */
  untilPrimary: (node: string, seconds: number) => Promise<void>;
  /** Waits until this node's own server is in recovery and receives WAL, whatever attributes are left. */
  untilReceives: (node: string, seconds: number) => Promise<void>;
  /** Waits until there is one primary and all others stream; that primary. */
  untilStreaming: (seconds: number) => Promise<string>;
  /** The lines of the agent in Pacemaker's log of a node. */
  agentLines: (node: string) => Promise<readonly string[]>;
  /** `pcs resource update postgresql NAME=VALUE…`, and until all stream again; the primary may have changed then. */
  configure: (...parameters: readonly string[]) => Promise<Readonly<{ primary: string; standby: string }>>;
}>;

export type Watched = Readonly<{ region: Region; end: () => Promise<void> }>;

/** The words of a healthy region, and a watch of its attributes that is to be ended. */
export async function watchRegion(stage: Stage): Promise<Watched> {
  const seen = await stage.look();
  const primary = seen && primaryOf(seen);
  if (primary === undefined) throw new Error('there is no primary to begin with');
  const watch = watchChanges(stage);
  const region = regionOn(stage, { primary, standby: stage.otherThan(primary), changes: () => watch.changes });
  return { region, end: watch.end };
}

function watchChanges(stage: Stage) {
  const begun = performance.now();
  const changes: Change[] = [];
  const known = new Map<string, string>();
  const state = { done: false };
  const note = (node: string, name: string, value: string): void => {
    const key = `${node} ${name}`;
    const seconds = (performance.now() - begun) / 1000;
    if (known.get(key) !== value) changes.push({ seconds, node, name, value });
    known.set(key, value);
  };
  const watching = (async () => {
    while (!state.done) {
      const seen = await stage.look().catch(() => undefined);
      if (seen !== undefined) noteAll(stage, seen, note);
      await sleep(700);
    }
  })();
  return {
    changes,
    end: async (): Promise<void> => {
      state.done = true;
      await watching;
    },
  };
}

function noteAll(stage: Stage, seen: Seen, note: (node: string, name: string, value: string) => void): void {
  for (const node of stage.nodes) {
    note(node, 'role', seen.promoted.includes(node) ? 'Promoted' : seen.online.includes(node) ? 'other' : 'offline');
    const short = (name: string): string => name.replace(/^postgresql-/, '').replace(/^master-postgresql$/, 'score');
    for (const [name, value] of Object.entries(seen.attributes[node] ?? {})) note(node, short(name), value);
  }
}

const psql = (statement: string) =>
  [
    'env',
    '-C',
    '/',
    'runuser',
    '-u',
    'postgres',
    '--',
    'psql',
    '-XAtq',
    '-v',
    'ON_ERROR_STOP=1',
    '-c',
    statement,
  ] as const;

type Begun = Pick<Region, 'primary' | 'standby' | 'changes'>;

function regionOn(stage: Stage, begun: Begun): Region {
  const look = async (): Promise<Seen> => {
    const seen = await stage.look();
    if (seen === undefined) throw new Error('no node answers crm_mon');
    return seen;
  };
  const now = async (): Promise<Seen | undefined> => stage.look();
  const untilStreaming: Region['untilStreaming'] = (seconds) =>
    waitUntil('one primary, and all others stream', () => streamingFrom(stage, now), seconds);
  return {
    ...begun,
    ...{ stage, look, untilStreaming },
    sql: async (node, statement) => (await stage.must(node, psql(statement))).trim(),
    sh: (node, script) => stage.must(node, ['sh', '-ec', script]),
    cfha: async (node, ...words) => {
      const { code, stdout, stderr } = await stage.on(node, ['cfha', ...words], { timeoutMs: 240_000 });
      return { code, text: stdout + stderr };
    },
    whileWriting: (work) => whileWriting(stage, begun.primary, work),
    untilPrimary: async (node, seconds) => {
      const is = async (): Promise<boolean> => primaryOf((await now()) ?? nothing) === node;
      await waitUntil(`${node} is the primary`, is, seconds);
    },
    untilReceives: async (node, seconds) => {
      await waitUntil(`${node} is a standby that receives`, () => receives(stage, node), seconds);
    },
    agentLines: async (node) => {
      const script = 'grep -hE "cfpgsql|postgresql_" /var/log/pacemaker/pacemaker.log || true';
      return (await stage.must(node, ['sh', '-c', script])).split('\n').filter(Boolean);
    },
    configure: async (...parameters) => {
      await stage.must(begun.primary, ['pcs', 'resource', 'update', 'postgresql', ...parameters, '--wait=120']);
      const primary = await untilStreaming(120);
      return { primary, standby: stage.otherThan(primary) };
    },
  };
}

const receiving = "select pg_is_in_recovery() and exists (select from pg_stat_wal_receiver where status = 'streaming')";

async function receives(stage: Stage, node: string): Promise<boolean> {
  const { stdout } = await stage.on(node, psql(receiving), { timeoutMs: 10_000 }).catch(() => ({ stdout: '' }));
  return stdout.trim() === 't';
}

const nothing: Seen = { text: '', online: [], promoted: [], attributes: {}, failures: [] };

async function streamingFrom(stage: Stage, now: () => Promise<Seen | undefined>): Promise<string | undefined> {
  const seen = await now();
  return seen !== undefined && allStream(stage, seen) ? primaryOf(seen) : undefined;
}

async function whileWriting(stage: Stage, primary: string, work: () => Promise<unknown>): Promise<Report> {
  const client = stage.client(1200);
  try {
    const at = primaryOf((await stage.look()) ?? nothing) ?? primary;
    await untilMoreRows(stage, at, 50);
    await work();
    const after = primaryOf((await stage.look()) ?? nothing);
    if (after !== undefined) await untilMoreRows(stage, after, 50);
    return await client.stop();
  } catch (error) {
    const report = await client.stop().catch(() => undefined);
    throw report === undefined ? error : new Error(`${messageIn(error)}; the client: ${clientText(report)}`);
  }
}

function messageIn(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The client's figures in a few words. */
export function clientText({ acknowledged, missing, longestGap }: Report): string {
  return `${acknowledged} rows acknowledged, ${missing} lost, longest gap ${longestGap.toFixed(2)} s`;
}

/** No acknowledged row is lost, and no gap is as long as `seconds`, if given. */
export function expectServed(report: Report, seconds?: number): void {
  expect(report.acknowledged > 0, 'the client wrote nothing');
  expect(
    report.missing === 0,
    `acknowledged rows are lost: ${clientText(report)} (${report.missingNumbers.join(' ')})`,
  );
  if (seconds !== undefined) expect(report.longestGap < seconds, `a gap at the virtual IP: ${clientText(report)}`);
}

/** A node whose records and role have stayed as they were when the case began. */
export function expectUntouched({ changes }: Region, node: string): void {
  const watched = ['role', 'score', 'status', 'data-status'];
  const own = changes().filter((change) => change.node === node && watched.includes(change.name));
  const again = own.filter(({ name }, index) => own.findIndex((other) => other.name === name) !== index);
  const told = again.map(({ seconds, name, value }) => `${name} ${value} at ${seconds.toFixed(0)} s`).join(', ');
  expect(again.length === 0, `${node} was touched: ${told}`);
}

/** The lines of the agent in which a node's failure is told, beside what crm_mon shows. */
export async function wordsAbout({ stage, look, agentLines }: Region, node: string): Promise<string> {
  const lines = stage.testbed.isOn(node) ? await agentLines(node) : [];
  return [(await look()).text, ...lines.slice(-40)].join('\n');
}
