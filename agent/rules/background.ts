// Work that may take longer than a start goes on in the background, and Pacemaker's questions are answered meanwhile.
// docs/decisions/0010.
import { marginMs, type Call } from '../call.ts';
import { exit, finish, proceed, type Decision, type Rule } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { setOwn } from './attributes.ts';

const pollMs = 300;
/** Most rewinds end within it; longer, it would hold up what Pacemaker has to do elsewhere. */
const patienceMs = 10_000;

function runs({ job }: Snapshot): boolean {
  return job?.state === 'runs';
}

/** The work of a decision, done where its time is not limited. `marks`: what the cluster has to know before. */
export function inBackground(work: Decision, marks: readonly Step[], { snapshot, call }: Of): Decision {
  if (snapshot.background !== true || !isWork(work)) return work;
  const { job } = snapshot;
  if (job?.state === 'failed' && job.atMs >= begunMs(snapshot, call)) return exit('generic', job.because);
  const { because } = work;
  return { ...proceed(...marks, { do: 'begin rejoin' }), ...(because === undefined ? {} : { because }) };
}

type Of = { readonly snapshot: Snapshot; readonly call: Call };

function isWork({ steps, then }: Decision): boolean {
  return then === 'look again' && steps.some((step) => step.do !== 'wait');
}

/** When this action began. */
function begunMs({ nowMs, remainingMs }: Snapshot, call: Call): number {
  return nowMs + remainingMs + marginMs(call) - call.timeoutMs;
}

/** A start while the work goes on: it waits a while, then it ends well. The instance is active here, and not promotable. */
function startGoesOn(snapshot: Snapshot, call: Call): Decision {
  const patience = Math.min(patienceMs, call.timeoutMs / 3);
  return snapshot.nowMs - begunMs(snapshot, call) < patience
    ? proceed({ do: 'wait', ms: pollMs })
    : finish('success', setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }), { code: 'REJOINING' });
}

/** start, if the work does not go on. */
export function startOr(rule: Rule): Rule {
  return named(rule, (snapshot, call) => (runs(snapshot) ? startGoesOn : rule)(snapshot, call));
}

/** monitor: what goes on is well, what has failed is recovered by stop and start; a probe only tells whether something is there. */
export function monitorOr(rule: Rule): Rule {
  return named(rule, (snapshot, call) => {
    if (runs(snapshot)) return finish('success', setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }));
    const failed = snapshot.job?.state === 'failed' && snapshot.postmaster === undefined && !call.probe;
    return failed ? exit('generic', snapshot.job.because) : rule(snapshot, call);
  });
}

/** stop: the work ends first, as it may be starting the server. */
export function stopOr(rule: Rule): Rule {
  return named(rule, (snapshot, call) =>
    snapshot.job === undefined ? rule(snapshot, call) : proceed({ do: 'end rejoin' }),
  );
}

/** The printed table names a rule by its function. */
function named(rule: Rule, wrapped: Rule): Rule {
  return Object.defineProperty(wrapped, 'name', { value: rule.name });
}
