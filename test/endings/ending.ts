// What an ending is, and how it is played while a client writes.
import { primaryOf, type Seen } from '../scenarios/seen.ts';
import { begin, type Stage } from '../scenarios/stage.ts';
import { untilMoreRows } from '../scenarios/survived.ts';
import { waitUntil } from '../scenarios/waiting.ts';
import { contradictions, listsText } from '../lists/judge.ts';
import type { ClientOptions } from '../testbed/client-process.ts';
import type { Report } from '../testbed/gaps.ts';
import { addressOf } from '../testbed/layout.ts';

/** The primary and a standby, by the role they have when the ending begins. */
export type Pair = Readonly<{ primary: string; standby: string }>;

export type Ending = Readonly<{
  name: string;
  core: boolean;
  /** What is done, up to where the region is left to itself. */
  happens: (stage: Stage, pair: Pair) => Promise<void>;
  /** Parameters of the resource while it is played, and what they are set to afterwards. */
  configured?: Readonly<{ before: readonly string[]; after: readonly string[] }>;
  /** False where the tool must refuse and say why: then `needs` tells what a person does. */
  byItself?: boolean;
  /** What a person has to do; else what the operations page says for a former primary. */
  needs?: Readonly<{ says: string; act: (stage: Stage, pair: Pair) => Promise<void> }>;
  /** Acknowledged rows that asynchronous replication may lose. */
  mayLose?: number;
  /** How long it may take until both stream again. */
  seconds?: number;
  /** Clients also append to lists, and read them, at every node's own address; nothing they see may contradict itself. */
  lists?: boolean;
  /** What else is wrong with what the client saw. */
  judge?: (report: Report) => readonly string[];
}>;

export type Row = Readonly<{
  name: string;
  client: Pick<Report, 'longestGap' | 'acknowledged' | 'missing'> | undefined;
  /** From the end of what was done until both stream; undefined: never. */
  streamingAfter: number | undefined;
  byItself: boolean;
  needed: string;
  wrong: readonly string[];
}>;

/** Plays one on a healthy region, and leaves it as it ends. */
export async function playEnding(stage: Stage, ending: Ending): Promise<Row> {
  const pair = await healthyPair(stage);
  if (ending.configured === undefined) return playOn(stage, ending, pair);
  await configure(stage, pair.primary, ending.configured.before);
  const row = await playOn(stage, ending, await pairNow(stage));
  // Where a node is still away, nothing is left of it.
  await configure(stage, pair.primary, ending.configured.after).catch(() => begin(stage, 'bootstrapped'));
  return row;
}

/** PostgreSQL may be restarted for it, and the roles may change. */
async function configure(stage: Stage, node: string, parameters: readonly string[]): Promise<void> {
  await stage.must(node, ['pcs', 'resource', 'update', 'postgresql', ...parameters, '--wait=120']);
  const both = async () => {
    const seen = await stage.look();
    return seen !== undefined && allStream(stage, seen);
  };
  await waitUntil(`all nodes stream with ${parameters.join(' ')}`, both, 60);
}

async function playOn(stage: Stage, ending: Ending, pair: Pair): Promise<Row> {
  const client = stage.client(900, clientsOf(stage, ending));
  try {
    await untilMoreRows(stage, pair.primary, 50);
    await ending.happens(stage, pair);
    const { byItself, after, needed } = await untilStreaming(stage, ending, pair);
    const primary = primaryOf((await stage.look()) ?? nothing);
    if (after !== undefined && primary !== undefined) await untilMoreRows(stage, primary, 50);
    const report = await client.stop();
    stage.say(seenText(report));
    const row = { name: ending.name, client: report, streamingAfter: after, byItself, needed };
    return {
      ...row,
      wrong: [...complaints(ending, row), ...(ending.judge?.(report) ?? []), ...listsWrong(ending, report)],
    };
  } catch (error) {
    await client.stop().catch(() => undefined);
    const wrong = [error instanceof Error ? error.message : String(error)];
    return { name: ending.name, client: undefined, streamingAfter: undefined, byItself: false, needed: '', wrong };
  }
}

function clientsOf(stage: Stage, { lists }: Ending): Pick<ClientOptions, 'addresses'> {
  return lists === true ? { addresses: stage.nodes.map(addressOf) } : {};
}

function listsWrong({ lists }: Ending, report: Report): readonly string[] {
  if (lists !== true) return [];
  return report.lists === undefined ? ['the lists could not be read back'] : contradictions(report.lists);
}

function seenText({ gaps, lists }: Report): string {
  const text = `gaps: ${gaps.map(({ seconds }) => `${seconds.toFixed(2)} s`).join(', ') || 'none'}`;
  return lists === undefined ? text : `${text}\n${listsText(lists)}`;
}

const nothing: Seen = { text: '', online: [], promoted: [], attributes: {}, failures: [] };

/** The region as it is if it is well, else a fresh one. */
export async function healthyPair(stage: Stage): Promise<Pair> {
  const now = await stage.look();
  if (now === undefined || !allStream(stage, now) || now.failures.length > 0) await begin(stage, 'bootstrapped');
  return pairNow(stage);
}

async function pairNow(stage: Stage): Promise<Pair> {
  const primary = primaryOf((await stage.look()) ?? nothing);
  if (primary === undefined) throw new Error('there is no primary to begin with');
  return { primary, standby: stage.otherThan(primary) };
}

/** One primary, and all other nodes stream from it. */
export function allStream(stage: Stage, seen: Seen): boolean {
  const primary = primaryOf(seen);
  if (primary === undefined || seen.online.length !== stage.nodes.length) return false;
  const streams = (standby: string): boolean =>
    ['postgresql-data-status', 'postgresql-status'].every((name) =>
      /^(STREAMING\||HS:(a?sync)$)/.test(seen.attributes[standby]?.[name] ?? ''),
    );
  return stage.nodes.every((node) => node === primary || streams(node));
}

type Back = Readonly<{ byItself: boolean; after: number | undefined; needed: string }>;

async function untilStreaming(stage: Stage, ending: Ending, pair: Pair): Promise<Back> {
  const start = performance.now();
  const streaming = async (seconds: number): Promise<boolean> => {
    const both = async () => {
      const seen = await stage.look();
      return seen !== undefined && allStream(stage, seen);
    };
    return waitUntil('all nodes stream', both, seconds).catch(() => false);
  };
  const after = () => (performance.now() - start) / 1000;
  // what must be refused is given a while in which it must not come back
  if (await streaming(ending.byItself === false ? 40 : (ending.seconds ?? 120)))
    return { byItself: true, after: after(), needed: '' };
  if (ending.byItself !== false) stage.say(await told(stage));
  const help = ending.needs ?? removeLock;
  await help.act(stage, pair);
  const back = await streaming(120);
  return { byItself: false, after: back ? after() : undefined, needed: help.says };
}

/** What a person would see: why a node stays away is gone once it has been helped. */
async function told(stage: Stage): Promise<string> {
  return (await stage.look())?.text ?? 'no node answers crm_mon';
}

const removeLock: NonNullable<Ending['needs']> = {
  says: 'rm PGSQL.lock, cleanup',
  act: async (stage) => {
    for (const node of stage.nodes.filter((name) => stage.testbed.isOn(name))) {
      await stage.on(node, ['sh', '-c', 'rm -f /var/lib/postgresql/tmp/PGSQL.lock']);
      await stage.on(node, ['crm_resource', '--cleanup', '--resource=postgresql-clone']);
    }
  },
};

function complaints({ mayLose = 0, byItself = true }: Ending, row: Omit<Row, 'wrong'>): readonly string[] {
  const missing = row.client?.missing ?? 0;
  const when = (holds: boolean, says: string) => (holds ? [says] : []);
  return [
    ...when(missing > mayLose, `${missing} acknowledged rows are lost`),
    ...when(row.streamingAfter === undefined, 'the nodes do not all stream again'),
    ...when(row.byItself && !byItself, 'it came back, and must not'),
    ...when(!row.byItself && byItself, 'it did not come back by itself'),
  ];
}
