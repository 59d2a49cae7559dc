// Starting a former primary: PGSQL.lock is there, and what it warns of is looked at. docs/decisions/0007.
import { replicates, type Call } from '../call.ts';
import { exit, finish, proceed, waitElse, type Decision } from '../decision.ts';
import type { Reason } from '../reasons.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { inWords, type Evidence } from './lock.ts';

const unlock: Step = { do: 'remove file', file: 'PGSQL.lock' };

/** stopped x start with a lock. `before`: what every start as a standby does first; `start`: what then starts the server. */
export function startLocked(
  { before, start }: { readonly before: readonly Step[]; readonly start: readonly Step[] },
  snapshot: Snapshot,
  call: Call,
): Decision {
  const evidence = snapshot.evidence ?? { verdict: 'unknown', because: 'nothing was found out' };
  const unlocked = (because: Reason): Decision => ({ ...proceed(...before, unlock, ...start), because });
  switch (evidence.verdict) {
    case 'same history':
      return unlocked({ code: 'UNLOCKED', evidence: inWords(evidence) });
    case 'no primary':
      // One that is promoted may not have its address yet. Without any, this node is a candidate: who was promoted after it
      // has a higher timeline, or has recorded it as disconnected, and both rule it out (history.ts, election.ts).
      return promotedElsewhere(snapshot)
        ? waitElse(() => locked(evidence, call))(snapshot, call)
        : unlocked({ code: 'UNLOCKED', evidence: inWords(evidence) });
    case 'foreign system':
      return finish('installed', before, { code: 'FOREIGN_DATA', local: evidence.local, primary: evidence.primary });
    case 'diverged':
      if (mayRewind(call) && evidence.rewindable) return rewind(evidence);
      return finish('generic', before, {
        code: 'DIVERGED',
        bytes: evidence.bytes,
        timeline: evidence.timeline,
        fork: evidence.fork,
        end: evidence.end,
        primary: evidence.primary,
      });
    case 'unknown':
      return finish('generic', before, locked(evidence, call));
  }
}

function mayRewind(call: Call): boolean {
  return call.parameters.rejoin === 'rewind';
}

/** What is here only is kept first. From the mark on, the data are neither the old nor the new. */
function rewind({ timeline, fork, end, bytes, primary }: Extract<Evidence, { verdict: 'diverged' }>): Decision {
  const kept = `${timeline}-${fork.replace('/', '_')}`;
  const steps: readonly Step[] = [
    { do: 'recover server' },
    { do: 'keep diverged WAL', kept, timeline, fork, end },
    { do: 'write file', file: 'rejoin', content: `${kept}\n` },
    ...finishRewind(kept),
  ];
  return { ...proceed(...steps), because: { code: 'REWINDING', bytes, timeline, fork, end, primary, kept } };
}

function finishRewind(kept: string): readonly Step[] {
  return [
    { do: 'rewind', kept },
    { do: 'remove file', file: 'rejoin' },
  ];
}

/** stopped x start after a rewind that did not end: nothing else may start what is half one and half the other. */
export function resumeRewind(kept: string, call: Call): Decision {
  return mayRewind(call) ? proceed(...finishRewind(kept)) : exit('generic', { code: 'REWIND_UNFINISHED', kept });
}

/** It takes a second or two, and decides only here. */
export function wantsEvidence(action: string, { lock, postmaster }: Snapshot, call: Call): boolean {
  return action === 'start' && lock && postmaster === undefined && replicates(call);
}

function promotedElsewhere({ cluster }: Snapshot): boolean {
  return Object.values(cluster?.nodes ?? {}).some((node) => node.role === 'Promoted');
}

function locked(evidence: Evidence, call: Call): Reason {
  return { code: 'LOCKED', file: `${call.parameters.tmpdir}/PGSQL.lock`, because: inWords(evidence) };
}
