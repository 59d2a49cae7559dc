// Starting a former primary: PGSQL.lock is there, and what it warns of is looked at. docs/decisions/0007. What has diverged,
// or is of another system, has been decided before: rejoin.ts.
import type { Call } from '../call.ts';
import { finish, proceed, waitElse, type Decision } from '../decision.ts';
import type { Reason } from '../reasons.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { setOwn } from './attributes.ts';
import { isRogueData, recordBeyond } from './history.ts';
import { inWords, recordOf, type Evidence } from './lock.ts';
import { promotedElsewhere } from './rejoin.ts';

const unlock: Step = { do: 'remove file', file: 'PGSQL.lock' };

/** stopped x start with a lock. `before`: what every start as a standby does first; `start`: what then starts the server. */
export function startLocked(
  { before, start }: { readonly before: readonly Step[]; readonly start: readonly Step[] },
  snapshot: Snapshot,
  call: Call,
): Decision {
  const evidence = snapshot.evidence ?? { verdict: 'unknown', because: 'nothing was found out' };
  const unlocked: Decision = {
    // A promotion of which only the data tell, and the lock that goes now.
    ...proceed(...before, ...recordBeyond({ snapshot, call }), unlock, ...start),
    because: { code: 'UNLOCKED', evidence: inWords(evidence) },
  };
  const record = setOwn(snapshot, call, { key: 'evidence', value: recordOf(evidence) });
  switch (evidence.verdict) {
    case 'same history':
      return unlocked;
    case 'no primary':
      if (isRogueData({ snapshot, call }) && !promotedElsewhere(snapshot))
        return {
          ...proceed(...before, ...isolated(start)),
          because: { code: 'ISOLATED' },
        };
      // One that is promoted may not have its address yet. Without any, this node is a candidate: who was promoted after it
      // has a higher timeline, or has recorded it as disconnected, and both rule it out (history.ts, election.ts).
      return promotedElsewhere(snapshot) ? waitElse(() => locked(evidence, call))(snapshot, call) : unlocked;
    default:
      // What was not received now may be the next time.
      return evidence.verdict === 'unknown' && evidence.passing === true
        ? waitElse(() => locked(evidence, call))(snapshot, call)
        : finish('generic', [...before, ...record], locked(evidence, call));
  }
}

/** Of a primary that is promoted later it would stream at once; a timeline that was begun twice has one number. */
function isolated(start: readonly Step[]): readonly Step[] {
  return start.map((step) => (step.do === 'start server' ? { ...step, isolated: true } : step));
}

function locked(evidence: Evidence, call: Call): Reason {
  return { code: 'LOCKED', file: `${call.parameters.tmpdir}/PGSQL.lock`, because: inWords(evidence) };
}
