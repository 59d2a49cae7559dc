// Gathers what decides about a former primary: its own lineage from its files, the primary's by asking it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readBytes } from '../lib/host/bytes.ts';
import { monotonicMs } from '../lib/host/clock.ts';
import { readText, writeWhole } from '../lib/host/disk.ts';
import { UnreadableAnswer, type Result } from '../lib/host/exec.ts';
import type { ControlData } from '../lib/postgres/controldata.ts';
import {
  historyName,
  readHistory,
  segmentName,
  timelineAt,
  type Branch,
  type Lineage,
} from '../lib/postgres/lineage.ts';
import { lastWords } from '../lib/postgres/client-words.ts';
import { laterLsn, type Lsn } from '../lib/postgres/lsn.ts';
import { readGone, receiveArgv } from '../lib/postgres/receivewal.ts';
import { newestTimeline } from '../lib/postgres/wal-files.ts';
import { readLastEnd, readScan, recordsArgv, scanArgv } from '../lib/postgres/waldump.ts';
import { controlDataOf } from './control-file.ts';
import type { Asking } from '../lib/postgres/asking.ts';
import { asking, askPrimary, type Where } from './primary.ts';
import {
  judgeEvidence,
  stretchToCompare,
  withoutEmptyEnd,
  type Bytes,
  type Evidence,
  type Other,
  type Stretch,
} from './rules/lock.ts';

/** The primary is there, and may answer the next time. */
class NotReceived extends UnreadableAnswer {}

const left = ({ deadline }: Where): number => Math.max(500, deadline - monotonicMs());

/** The whole of the evidence; what cannot be read is `unknown`, never guessed at. */
export async function gatherEvidence(where: Where): Promise<Evidence> {
  try {
    const { lineage, written, control } = await localLineage(where);
    return await asking(where, async (primary) => {
      const other = await askPrimary(where, primary);
      const sides = { local: lineage, other };
      const stretch = stretchToCompare(sides, { written, segmentBytes: control.segmentBytes });
      const compared = stretch === undefined ? notThere : await compare(where, primary, stretch);
      const evidence = judgeEvidence(sides, compared.bytes, where.call.parameters.restart_on_promote);
      if (evidence.verdict === 'same history')
        return { ...evidence, walGone: compared.gone ?? (await goneNext(where, primary, { other, written, control })) };
      return evidence.verdict === 'diverged'
        ? { ...evidence, rewindable: evidence.rewindable && control.rewindable, crashed: control.state !== 'shut down' }
        : evidence;
    });
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    if (error instanceof NotReceived) return { verdict: 'unknown', because: error.message, passing: true };
    return { verdict: 'unknown', because: error.message, sameSystem: await isSameSystem(where) };
  }
}

/** All that is left to know where WAL is damaged or missing. */
async function isSameSystem(where: Where): Promise<boolean> {
  try {
    const control = await controlDataOf(where);
    const other = await asking(where, (primary) => askPrimary(where, primary));
    return 'answers' in other && !other.inRecovery && other.answers.systemId === control.systemId;
  } catch (error) {
    if (error instanceof UnreadableAnswer) return false;
    throw error;
  }
}

/** `written`: the end of what pg_wal holds. The data may need more to be consistent. */
type Local = { readonly lineage: Lineage; readonly written: Lsn; readonly control: ControlData };

/** What this node has, of a server that does not run. */
export async function localLineage(where: Where): Promise<Local> {
  const { pgdata } = where.call.parameters;
  const control = await controlDataOf(where);
  const newest = newestTimeline(namesIn(`${pgdata}/pg_wal`)) ?? control.timeline;
  const timeline = Math.max(newest, control.timeline, control.minRecoveryTimeline);
  const ancestors = ancestorsOf(timeline, pgdata);
  const branch = ancestors.at(-1)?.until ?? 0n;
  const from = timeline === control.timeline ? control.checkpoint : branch;
  const written = await endOfWal(where, control, { timeline, from });
  const end = laterLsn(written, control.minRecoveryEnd) ?? from;
  return { lineage: withoutEmptyEnd({ systemId: control.systemId, timeline, end, ancestors }), written, control };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    throw new UnreadableAnswer(`${directory} cannot be read`);
  }
}

function ancestorsOf(timeline: number, data: string): readonly Branch[] {
  if (timeline === 1) return [];
  const ancestors = readHistory(readText(`${data}/pg_wal/${historyName(timeline)}`) ?? '');
  if (ancestors.length === 0) throw new UnreadableAnswer(`pg_wal/${historyName(timeline)} is missing or empty`);
  return ancestors;
}

type From = { readonly timeline: number; readonly from: Lsn };

/** From a record that is there to the first that cannot be read: where recovery would end as well. */
async function endOfWal(where: Where, control: ControlData, start: From): Promise<Lsn> {
  const { pgctl, pgdata: data } = where.call.parameters;
  const wal = { pgctl, data };
  const ask = async (argv: ReturnType<typeof scanArgv>) => where.exec({ argv, timeoutMs: left(where) });
  const scan = readScan(await ask(scanArgv(wal, start)));
  if (scan === 'nothing') return nothingAt(start, control);
  if (scan !== 'to the last file') {
    const only = { timeline: start.timeline, from: scan.lastRecord };
    return readLastEnd(await ask(recordsArgv(wal, only)), control);
  }
  const last = lastFile(namesIn(`${data}/pg_wal`), start, control);
  return readLastEnd(await ask(recordsArgv(wal, { timeline: start.timeline, from: last }, control)), control);
}

/** A timeline may have a file and no record yet; a checkpoint without its record proves that WAL is missing. */
function nothingAt({ timeline, from }: From, control: ControlData): Lsn {
  if (timeline !== control.timeline) return from;
  throw new UnreadableAnswer('the WAL of the last checkpoint is not in pg_wal');
}

/** The end of the unbroken row of files. */
function lastFile(names: readonly string[], { timeline, from }: From, { segmentBytes }: ControlData): Lsn {
  const step = BigInt(segmentBytes);
  const begin = from - (from % step);
  const has = (at: Lsn): boolean => names.includes(segmentName(timeline, at, segmentBytes));
  if (!has(begin)) throw new UnreadableAnswer(`pg_wal/${segmentName(timeline, from, segmentBytes)} is missing`);
  let at = begin;
  while (has(at + step)) at += step;
  return at;
}

/** `gone`: the primary's words, if it no longer has this WAL, with which a standby that has it would begin to stream. */
type Compared = { readonly bytes: Bytes; readonly gone?: string | undefined };
const notThere: Compared = { bytes: 'not there' };

/** The primary's bytes beside ours. What was received in part is laid beside nothing. */
async function compare(where: Where, primary: Asking, { file, begin, from, to }: Stretch): Promise<Compared> {
  const { pgdata } = where.call.parameters;
  const received = await receive(where, primary, { file, begin, to });
  const range = { from: Number(from - begin), to: Number(to - begin) };
  const theirs =
    readBytes(join(primary.folder, file), range) ?? readBytes(join(primary.folder, `${file}.partial`), range);
  const ours = readBytes(join(pgdata, 'pg_wal', file), range);
  // A server whose WAL ends with a file begins with the next one.
  const gone =
    readBytes(join(pgdata, 'pg_wal', file), { from: range.to, to: range.to + 1 }) && readGone(received.stderr);
  const bytes = compared(ours, theirs, received);
  return bytes === 'not there' ? { bytes, gone } : { bytes };
}

/** What is proven by what was received, which may have ended early. Throws `UnreadableAnswer`: nothing, and nobody says that it is gone. */
export function compared(ours: Buffer | undefined, theirs: Buffer | undefined, received: Result): Bytes {
  const { code, stderr, failure } = received;
  if (ours === undefined) return 'not there';
  if (theirs?.equals(ours) === true) return 'same';
  if (code === 0) return theirs === undefined ? 'not there' : 'other';
  if (readGone(stderr) !== undefined) return 'not there';
  throw new NotReceived(`the primary's WAL was not received, so it is not compared: ${failure ?? lastWords(stderr)}`); // prettier-ignore
}

/** Receives a file of the primary's WAL up to a position that it has. */
async function receive(
  where: Where,
  primary: Asking,
  { file, begin, to }: Pick<Stretch, 'file' | 'begin' | 'to'>,
): Promise<Result> {
  writeWhole(join(primary.folder, `${file}.partial`), '', { ...where.user, mode: 0o600 });
  const argv = receiveArgv(where.call.parameters.pgctl, 'replication', { into: primary.folder, to });
  // A slow line has 1 MB in a second; a file may have 1 GB.
  const patience = 10_000 + Number(to - begin) / 1000;
  return primary.run(argv, { timeoutMs: Math.min(patience, left(where) / 2) });
}

type Next = { readonly other: Other; readonly written: Lsn; readonly control: ControlData };

/** The primary's words, if our WAL ends with a file and it no longer has the next one. */
async function goneNext(where: Where, primary: Asking, { other, written, control }: Next): Promise<string | undefined> {
  const { segmentBytes } = control;
  if (!('answers' in other) || other.answers.end <= written || written % BigInt(segmentBytes) !== 0n) return undefined;
  const timeline = timelineAt(other.answers, written);
  const file = segmentName(timeline, written, segmentBytes);
  const { stderr } = await receive(where, primary, { file, begin: written, to: written + 1n });
  return readGone(stderr);
}

/** The primary's words, if it no longer has the WAL at a position that both have, where a rewound server goes on; undefined: it has, or is silent. */
export async function goneAt(where: Where, at: Lsn): Promise<string | undefined> {
  const { segmentBytes } = await controlDataOf(where);
  return asking(where, async (primary) => {
    const other = await askPrimary(where, primary);
    if (!('answers' in other)) return undefined;
    const file = segmentName(timelineAt(other.answers, at + 1n), at, segmentBytes);
    const begin = at - (at % BigInt(segmentBytes));
    return readGone((await receive(where, primary, { file, begin, to: at + 1n })).stderr);
  });
}
