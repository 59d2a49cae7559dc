// The primary, asked over the replication protocol by psql: who it is and where its timelines branched.
// https://www.postgresql.org/docs/current/protocol-replication.html
import { UnreadableAnswer, type Argv, type Result } from '../host/exec.ts';
import { readHistory, type Branch, type Lineage } from './lineage.ts';
import { parseLsn } from './lsn.ts';

export function askArgv(psql: string, service: string): Argv {
  return [psql, '-XAtq', '-d', `service=${service}`];
}

/** in_hot_standby is there since 14; before, a server in recovery shows by its transactions, which are read-only. */
export const questions = `\\set ON_ERROR_STOP on
IDENTIFY_SYSTEM \\gset
\\echo system :systemid
\\echo timeline :timeline
\\echo position :xlogpos
\\set ON_ERROR_STOP off
\\echo standby
SHOW in_hot_standby;
\\echo readonly
SHOW transaction_read_only;
\\echo history
TIMELINE_HISTORY :timeline;
\\echo end
`;

export type Answer = { readonly answers: Lineage; readonly inRecovery: boolean } | { readonly silent: string };

/** Nobody there, or nobody ready, as libpq and the server say it. Everything else that is no answer is unreadable. */
const nobody = [
  'could not connect',
  'Connection refused',
  'Connection timed out',
  'timeout expired',
  'No such file or directory',
  'No route to host',
  'Network is unreachable',
  'Host is unreachable',
  'the database system is starting up',
  'the database system is shutting down',
  'the database system is not accepting connections',
  'the database system is not yet accepting connections',
  'server closed the connection unexpectedly',
];

export function readAnswer(result: Result): Answer {
  const { code, stdout, stderr, failure } = result;
  const silent = silence(result);
  if (silent !== undefined) return { silent };
  const sections = code === 0 ? form.exec(stdout)?.groups : undefined;
  if (sections === undefined) throw new UnreadableAnswer(`the primary's address answered: ${failure ?? said(stderr)}`);
  return { answers: lineageOf(sections), inRecovery: isStandby(sections) };
}

function said(stderr: string): string {
  return firstLine(stderr) === '' ? 'nothing readable' : firstLine(stderr);
}

function silence({ code, stderr, failure }: Result): string | undefined {
  if (failure === 'timed out') return 'no answer in time';
  // psql(1): 2 if the connection went bad.
  return code === 2 && nobody.some((words) => stderr.includes(words)) ? firstLine(stderr) : undefined;
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 200) ?? '';
}

const form =
  /^system (?<system>\d{1,20})\ntimeline (?<timeline>[1-9]\d{0,9})\nposition (?<position>\S+)\nstandby\n(?<standby>[^]*?)readonly\n(?<readonly>[^]*?)history\n(?<history>[^]*)end\n$/;

type Sections = Readonly<Record<string, string>>;

function isStandby({ standby = '', readonly = '' }: Sections): boolean {
  return standby === '' ? readonly === 'on\n' : standby !== 'off\n';
}

/** `00000002.history|…`; timeline 1 has no history. */
function lineageOf(sections: Sections): Lineage {
  const [system, id, position, history] = ['system', 'timeline', 'position', 'history'].map(
    (name) => sections[name] ?? '',
  ) as [string, string, string, string];
  const timeline = Number(id);
  const ancestors = readHistory(/^[0-9A-F]{8}\.history\|([^]*)$/.exec(history)?.[1] ?? '');
  const end = parseLsn(position);
  if (end === undefined || !isWhole(timeline, ancestors))
    throw new UnreadableAnswer(`the primary told no history of its timeline ${id}, at ${position.slice(0, 20)}`);
  return { systemId: system, timeline, end, ancestors };
}

/** Only the first timeline has no ancestors, and none has a later one. */
function isWhole(timeline: number, ancestors: readonly Branch[]): boolean {
  const parent = ancestors.at(-1)?.timeline ?? 0;
  return parent < timeline && (parent === 0) === (timeline === 1);
}
