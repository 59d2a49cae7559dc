// pg_waldump: where WAL ends, and what is in it. https://www.postgresql.org/docs/current/pgwaldump.html
import { dirname } from 'node:path';
import { UnreadableAnswer, type Argv, type Result } from '../host/exec.ts';
import { formatLsn, parseLsn, type Lsn } from './lsn.ts';
import { segmentName, type Span } from './lineage.ts';

export type Wal = { readonly pgctl: string; readonly data: string };
type Form = { readonly segmentBytes: number; readonly blockBytes: number };
type From = { readonly timeline: number; readonly from: Lsn };

function base({ pgctl, data }: Wal): readonly [string, ...string[]] {
  return [`${dirname(pgctl)}/pg_waldump`, '-p', `${data}/pg_wal`];
}

/** Reads all records and prints only why there are no more. */
export function scanArgv(wal: Wal, { timeline, from }: From): Argv {
  return [...base(wal), '--quiet', `--timeline=${timeline}`, `--start=${formatLsn(from)}`];
}

export type Scan =
  | { readonly lastRecord: Lsn }
  /** Not one record at or after the beginning. */
  | 'nothing'
  /** Every file was read to its end, and there is no further one. */
  | 'to the last file';

/** The first record that cannot be read ends the WAL: recovery ends there as well, it is the same reader. */
export function readScan({ stderr, failure }: Result): Scan {
  if (failure !== undefined) throw new UnreadableAnswer(`pg_waldump ${failure}`);
  const at = /error in WAL record at ([0-9A-F]+\/[0-9A-F]+): /.exec(stderr)?.[1];
  if (at !== undefined) return lastRecord(parseLsn(at));
  if (stderr.includes('could not find a valid record after')) return 'nothing';
  if (/could not (find|open) file "[0-9A-F]{24}"/.test(stderr)) return 'to the last file';
  throw new UnreadableAnswer(`pg_waldump: ${stderr.trim().slice(-200)}`);
}

function lastRecord(at: Lsn | undefined): Scan {
  return at === undefined || at === 0n ? 'nothing' : { lastRecord: at };
}

/** The records of one file, or one record. */
export function recordsArgv(wal: Wal, { timeline, from }: From, only?: { readonly segmentBytes: number }): Argv {
  return only === undefined
    ? [...base(wal), `--timeline=${timeline}`, `--start=${formatLsn(from)}`, '--limit=1']
    : [...base(wal), segmentName(timeline, from, only.segmentBytes)];
}

/** Where the last of the records printed ends. */
export function readLastEnd({ stdout, failure }: Result, form: Form): Lsn {
  if (failure !== undefined) throw new UnreadableAnswer(`pg_waldump ${failure}`);
  const line = stdout.trimEnd().split('\n').pop() ?? '';
  const parts = /^rmgr: (\S+)\s+len \(rec\/tot\):\s*\d+\/\s*(\d+), .*?lsn: ([0-9A-F]+\/[0-9A-F]+), .*?desc: (\S+)/.exec(
    line,
  );
  const [, manager, length, lsn, name] = parts ?? [];
  const start = parseLsn(lsn ?? '');
  if (start === undefined) throw new UnreadableAnswer(`pg_waldump printed ${JSON.stringify(line.slice(0, 100))}`);
  const end = endOfRecord(start, Number(length), form);
  const segment = BigInt(form.segmentBytes);
  // The rest of the file belongs to the record (PostgreSQL: xlogreader.c, XLOG_SWITCH).
  return manager === 'XLOG' && name === 'SWITCH' ? ((end + segment - 1n) / segment) * segment : end;
}

/** Records go on after the header of the next page, 40 bytes in the first page of a file, else 24 (xlog_internal.h). */
export function endOfRecord(start: Lsn, length: number, { segmentBytes, blockBytes }: Form): Lsn {
  const [block, segment] = [BigInt(blockBytes), BigInt(segmentBytes)];
  let at = start;
  let left = BigInt(length);
  for (let room = block - (at % block); left > room; room = block - (at % block)) {
    left -= room;
    at += room;
    at += at % segment === 0n ? 40n : 24n;
  }
  return ((at + left + 7n) / 8n) * 8n;
}

/** The ends of transactions in a stretch of WAL. */
export function transactionsArgv(wal: Wal, { timeline, from, to }: Span): Argv {
  const range = [`--timeline=${timeline}`, `--start=${formatLsn(from)}`, `--end=${formatLsn(to)}`];
  return [...base(wal), '--rmgr=Transaction', ...range];
}

export type Transaction = { readonly xid: string; readonly lsn: string; readonly committed: string };

/** Commits only: what was rolled back is no loss. */
export function readCommits({ stdout }: Result): readonly Transaction[] {
  return stdout.split('\n').flatMap((line) => {
    const found = /tx:\s+(\d+), lsn: (\S+), .*desc: COMMIT(?:_PREPARED)? (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^;]*)/.exec(
      line,
    );
    const [, xid = '', lsn = '', committed = ''] = found ?? [];
    return found === null ? [] : [{ xid, lsn, committed: committed.trim() }];
  });
}
