// The primary, asked over the replication protocol by psql: who it is and where its timelines branched.
// https://www.postgresql.org/docs/current/protocol-replication.html
// psql, and not pg: a standby's connection may want what libpq alone has (sslmode, certificates, channel binding, GSSAPI). Each
// command is an argument that psql passes on as it is. Nothing of an answer comes back to psql: whoever answers at the address
// could have psql start programs by what a variable holds.
import { UnreadableAnswer, type Argv, type Result } from '../host/exec.ts';
import type { Asking } from './asking.ts';
import { readHistory, type Branch, type Lineage } from './lineage.ts';
import { parseLsn } from './lsn.ts';

export type Answer = { readonly answers: Lineage; readonly inRecovery: boolean } | { readonly silent: string };

type From = {
  readonly psql: string;
  /** In the service file, a connection as a standby has it. */
  readonly service: string;
  readonly timeoutMs: number;
  /** Why the server takes no connections now, asked without a program; undefined: it does, or it cannot be known. */
  readonly notReady: () => Promise<string | undefined>;
};

/** Throws `UnreadableAnswer` if something answers that is no primary we understand. */
export async function askLineage(primary: Pick<Asking, 'run'>, from: From): Promise<Answer> {
  const { timeoutMs } = from;
  const first = await primary.run(whoArgv(from), { timeoutMs });
  if (hasNoConnection(first)) return silence(first, from);
  const timeline = timelineOf(first);
  const whole = await primary.run(lineageArgv(from, timeline), { timeoutMs });
  return hasNoConnection(whole) ? silence(whole, from) : readLineage(whole, timeline);
}

function argvOf({ psql, service }: Pick<From, 'psql' | 'service'>, commands: readonly string[]): Argv {
  return [psql, '-XAtq', '-d', `service=${service}`, ...commands.flatMap((command) => ['-c', command])];
}

export function whoArgv(from: Pick<From, 'psql' | 'service'>): Argv {
  return argvOf(from, ['IDENTIFY_SYSTEM']);
}

/**
 * in_hot_standby is there since 14; before, a server in recovery shows by its transactions, which are read-only. Who it is comes
 * again: another server may answer by now. Timeline 1 has no history.
 */
export function lineageArgv(from: Pick<From, 'psql' | 'service'>, timeline: number): Argv {
  const titled = [
    ['standby', 'SHOW in_hot_standby'],
    ['readonly', 'SHOW transaction_read_only'],
    ['history', ...(timeline === 1 ? [] : [`TIMELINE_HISTORY ${timeline}`])],
    ['end'],
  ].flatMap(([title = '', ...command]) => [`\\echo ${title}`, ...command]);
  return argvOf(from, ['IDENTIFY_SYSTEM', ...titled]);
}

/** psql(1): 2 if the connection went bad. */
function hasNoConnection({ code, failure }: Result): boolean {
  return code === 2 || failure === 'timed out';
}

/** Nobody there, in libpq's own words, which are asked for in the C locale. What a server says stands in its own language. */
const nobody = [
  'could not connect',
  'Connection refused',
  'Connection timed out',
  'timeout expired',
  'No such file or directory',
  'No route to host',
  'Network is unreachable',
  'Host is unreachable',
  'server closed the connection unexpectedly',
];

async function silence(result: Result, { notReady }: From): Promise<Answer> {
  if (result.failure === 'timed out') return { silent: 'no answer in time' };
  if (nobody.some((words) => result.stderr.includes(words))) return { silent: firstLine(result.stderr) };
  const silent = await notReady();
  if (silent !== undefined) return { silent };
  return unreadable(result);
}

function unreadable({ failure, stderr }: Result): never {
  const said = firstLine(stderr) === '' ? 'nothing readable' : firstLine(stderr);
  throw new UnreadableAnswer(`the primary's address answered: ${failure ?? said}`);
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 200) ?? '';
}

/** `systemid|timeline|xlogpos|dbname` */
const system = String.raw`(?<system>\d{1,20})\|(?<timeline>[1-9]\d{0,9})\|(?<position>[0-9A-F]{1,8}/[0-9A-F]{1,8})\|[^\n|]*\n`;
const who = new RegExp(`^${system}$`);
const form = new RegExp(
  `^${system}standby\n(?<standby>[^]*?)readonly\n(?<readonly>[^]*?)history\n(?<history>[^]*)end\n$`,
);

function timelineOf(result: Result): number {
  const found = result.code === 0 ? who.exec(result.stdout)?.groups?.['timeline'] : undefined;
  return found === undefined ? unreadable(result) : Number(found);
}

/** `timeline`: the one whose history was asked for. */
export function readLineage(result: Result, timeline: number): Answer {
  const sections = result.code === 0 ? form.exec(result.stdout)?.groups : undefined;
  if (sections === undefined) return unreadable(result);
  const answers = lineageOf(sections);
  if (answers.timeline !== timeline)
    throw new UnreadableAnswer(`the primary's timeline was ${timeline} and is ${answers.timeline}: it has changed`);
  return { answers, inRecovery: isStandby(sections) };
}

type Sections = Readonly<Record<string, string>>;

function isStandby({ standby = '', readonly = '' }: Sections): boolean {
  return standby === '' ? readonly === 'on\n' : standby !== 'off\n';
}

/** `00000002.history|…`; timeline 1 has no history. */
function lineageOf(sections: Sections): Lineage {
  const [systemId, id, position, history] = ['system', 'timeline', 'position', 'history'].map(
    (name) => sections[name] ?? '',
  ) as [string, string, string, string];
  const timeline = Number(id);
  const ancestors = readHistory(/^[0-9A-F]{8}\.history\|([^]*)$/.exec(history)?.[1] ?? '');
  const end = parseLsn(position);
  if (end === undefined || !isWhole(timeline, ancestors))
    throw new UnreadableAnswer(`the primary told no history of its timeline ${id}, at ${position.slice(0, 20)}`);
  return { systemId, timeline, end, ancestors };
}

/** Only the first timeline has no ancestors, and none has a later one. */
function isWhole(timeline: number, ancestors: readonly Branch[]): boolean {
  const parent = ancestors.at(-1)?.timeline ?? 0;
  return parent < timeline && (parent === 0) === (timeline === 1);
}
