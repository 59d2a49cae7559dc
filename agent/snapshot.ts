// What can be known about this node, and the one word for it.
import type { Lsn } from '../lib/postgres/lsn.ts';
import type { PostmasterStatus } from '../lib/postgres/pidfile.ts';
import type { InstanceAnswer } from '../lib/postgres/queries.ts';
import type { Failure } from '../lib/postgres/failure.ts';
import type { Settings } from '../lib/postgres/config-files.ts';
import type { Limits } from '../lib/postgres/limits.ts';
import type { Reason } from './reasons.ts';
import type { Lineage } from '../lib/postgres/lineage.ts';
import type { Evidence } from './rules/lock.ts';
import type { Cluster } from '../lib/pacemaker/cib.ts';

/** What the server said when asked. */
export type Session =
  { readonly answer: InstanceAnswer; readonly monitorSqlFailure?: string | undefined } | { readonly failure: Failure };

export type Job =
  | { readonly state: 'runs' }
  /** It ended without success, or was killed; `atMs`: when, or when it was begun. */
  | { readonly state: 'failed'; readonly because: Reason; readonly atMs: number };

export type Kept = {
  /** All of it is there, up to the end of the diverged WAL. */
  readonly whole: boolean;
  /** The rewind has come to its end. */
  readonly rewound: boolean;
  /** Why pg_rewind cannot help, in its own words. */
  readonly noRewind: string | undefined;
};

/** Copies of the primary that have failed in the same way, one after the other, while the primary answered. */
export type FailedCopy = {
  /** The node. */
  readonly primary: string;
  /** What is the same each time, and all that pg_basebackup has said. */
  readonly error: string;
  readonly words: string;
  readonly count: number;
  /** True if a person had wanted the last one. */
  readonly word: boolean;
};

export type Source =
  | {
      readonly bytes: number;
      readonly tablespaces: readonly string[];
      /** Beside the data directory. */
      readonly freeBytes: number;
      /** What there forbids to put a copy in the place of the old data. */
      readonly obstacle: string | undefined;
    }
  | { readonly unknown: string };

/** What a server would use that is started now: of the settings that safety rests on, those that are set anywhere. */
export type Configured =
  | {
      readonly settings: Settings;
      /** Of the primary, as the control file has them; undefined: unknown. */
      readonly limits: Limits | undefined;
      /** The names on the command line of the server that runs. */
      readonly given?: readonly string[] | undefined;
    }
  | { readonly unreadable: string };

/** The lineage of a standby, and a checksum of the WAL before its end; undefined: that WAL is not in pg_wal. */
export type Published = { readonly lineage: Lineage; readonly sum: string | undefined };

/** What is compared: this node's own, and the checksum that its WAL has before the end of each other node's. */
export type Comparison = Published & { readonly sums: Readonly<Record<string, string | undefined>> };

export type Snapshot = {
  /** The living postmaster of the data directory; undefined: there is none, verified. */
  readonly postmaster: { readonly pid: number; readonly status: PostmasterStatus | undefined } | undefined;
  /** Undefined: not asked. */
  readonly session: Session | undefined;
  /** PostgreSQL removes standby.signal when it is promoted: it tells the role when the server can't. */
  readonly standbySignal: boolean;
  /** Undefined: not asked. */
  readonly cleanShutdown?: boolean | undefined;
  /** Where the shutdown checkpoint of a former primary begins. Undefined: not asked, or none. */
  readonly shutdownAt?: Lsn | undefined;
  /** For how long recovery has been waiting for the restore_command that runs now. Undefined: not asked, or it does not wait. */
  readonly restoringMs?: number | undefined;
  readonly lock: boolean;
  /** The data directory is a base backup that has not been started yet. Undefined: not asked. */
  readonly freshBackup?: boolean;
  /** The lock was left by a monitor that found a primary which no promotion had made. */
  readonly rogueLock?: boolean;
  /** The rewind that was begun and not ended, by the name of what was kept. */
  readonly rewinding?: string | undefined;
  /** About data that are to be started. Undefined: not asked. */
  readonly evidence?: Evidence | undefined;
  /** What was kept for the rewind that was begun, or of what has diverged. */
  readonly kept?: Kept | undefined;
  /** Undefined: not asked. */
  readonly configured?: Configured | undefined;
  /** What there is of the data directory, if it is no whole one. */
  readonly missing?: 'empty' | 'incomplete' | undefined;
  /** A copy that is whole and is not in its place yet; the data that a copy has replaced. */
  readonly copy?: { readonly whole: boolean; readonly old: boolean } | undefined;
  /** What a copy would be made of, and into. Undefined: not asked. */
  readonly source?: Source | undefined;
  /** Undefined: none has failed, or not asked. */
  readonly failedCopy?: FailedCopy | undefined;
  /** The work in the background; undefined: none. */
  readonly job?: Job | undefined;
  /** True if long work can go on in the background. */
  readonly background?: boolean;
  /** The file system of pg_wal. Undefined: not asked. */
  readonly walRoom?: { readonly freeBytes: number; readonly bytes: number } | undefined;
  /** The texts of xlog_note.0, .1, … as far as they follow each other. */
  readonly notes: readonly string[];
  /** The newest timeline of a stopped server's WAL files. Undefined: not asked, or none. */
  readonly walTimeline?: number | undefined;
  /** The lineage of a standby, beside those of all others. Undefined: not asked. */
  readonly comparison?: Comparison | undefined;
  /** Whom rep_mode.conf names; undefined if the file is absent or not ours. */
  readonly syncNames: readonly string[] | undefined;
  /** Undefined: not asked, or unreadable (then with `clusterFailure`). */
  readonly cluster: Cluster | undefined;
  readonly clusterFailure?: string | undefined;
  /** What each other member's own copy of the CIB says of each node's data-status; one that does not answer is not there. */
  readonly peerRecords?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** Of this look, since the epoch. */
  readonly nowMs: number;
  /** Until the agent's deadline, which lies before Pacemaker's. */
  readonly remainingMs: number;
};

/**
 * stopped: no postmaster lives · starting: recovering, not accepting yet · stopping: shutting down · standby, primary: answered ·
 * full: alive, but without a free connection · hung: accepts but does not answer · unreadable: answers with another error.
 */
export type State = 'stopped' | 'starting' | 'stopping' | 'standby' | 'primary' | 'full' | 'hung' | 'unreadable';

const stateOfFailure = {
  absent: 'starting', // The postmaster lives and does not listen: not yet, or no longer.
  starting: 'starting',
  full: 'full',
  hung: 'hung',
  refused: 'unreadable',
  failed: 'unreadable',
} as const satisfies Record<Failure['kind'], State>;

/** The only place where facts become a name. */
export function classify(snapshot: Snapshot): State {
  const { postmaster, session } = snapshot;
  if (postmaster === undefined) return 'stopped';
  if (session !== undefined && 'answer' in session) return session.answer.inRecovery ? 'standby' : 'primary';
  if (postmaster.status === 'stopping') return 'stopping';
  if (session === undefined) return snapshot.standbySignal ? 'standby' : 'primary';
  return stateOfFailure[session.failure.kind];
}

/** The server's answer, where the state says that there is one. */
export function answerOf(snapshot: Snapshot): InstanceAnswer | undefined {
  return snapshot.session !== undefined && 'answer' in snapshot.session ? snapshot.session.answer : undefined;
}

/** What the server said instead of an answer. */
export function failureOf(snapshot: Snapshot): string {
  return snapshot.session !== undefined && 'failure' in snapshot.session
    ? snapshot.session.failure.message
    : 'no answer';
}
