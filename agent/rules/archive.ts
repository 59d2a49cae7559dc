// An archive that does not answer holds up neither a promotion nor a start. docs/decisions/0015.
import type { Call } from '../call.ts';
import { proceed, waitElse, type Decision, type Rule } from '../decision.ts';
import { failureOf, type Snapshot } from '../snapshot.ts';
import { overruled } from './settings.ts';

type Waiting = Pick<Snapshot, 'restoringMs' | 'remainingMs'>;

/** A file takes a second or two. Clients wait for a promotion; a start may be the only way to WAL that is nowhere else. */
const patienceMs = { promote: 5000, start: 10_000 } as const;

/**
 * True if the restore_command that runs has been at one file for so long that it is not waited for. A start waits until half
 * of its time is over: without the archive it has the other half.
 */
export function isSilent(action: 'promote' | 'start', { restoringMs, remainingMs }: Waiting, call: Call): boolean {
  const limit = Math.min(patienceMs[action], call.timeoutMs / 4);
  return (restoringMs ?? 0) >= limit && (action === 'promote' || remainingMs <= call.timeoutMs / 2);
}

/**
 * The same server without its archive: with what lies in pg_wal, and what a primary sends. Recovery can't be called away from
 * a command, and the server ends when its command is ended. Undefined: the archive answers.
 */
export function leaveArchive(action: 'promote' | 'start', snapshot: Snapshot, call: Call): Decision | undefined {
  // Beyond recovery the command is another one: recovery_end_command.
  if (!snapshot.standbySignal || !isSilent(action, snapshot, call)) return undefined;
  const fastSeconds = Math.min(call.parameters.stop_escalate_in_slave, call.timeoutMs / 4000);
  const seconds = Math.round((snapshot.restoringMs ?? 0) / 1000);
  return {
    ...proceed(
      { do: 'stop server', fastSeconds },
      { do: 'start server', withoutArchive: true, ...overruled({ snapshot, call }) },
    ),
    because: { code: 'ARCHIVE_SILENT', seconds },
  };
}

const awaitServer = waitElse((s) => ({
  code: 'UNANSWERED',
  state: s.postmaster?.status ?? 'not ready',
  message: failureOf(s),
}));

/** starting x start: recovery is waited for, an archive that does not answer is not. */
export const awaitStart: Rule = function awaitStart(snapshot, call) {
  return leaveArchive('start', snapshot, call) ?? awaitServer(snapshot, call);
};
