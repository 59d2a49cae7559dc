// Finding out: one kept session, a knock at the postmaster, the gate. Asked by many at once, it is done once.
import { keptSession, type KeptSession } from '../lib/postgres/kept-session.ts';
import { knock } from '../lib/postgres/knock.ts';
import type { Failure as SessionFailure } from '../lib/postgres/failure.ts';
import type { Target } from '../lib/postgres/session.ts';
import { fresh, once, type Timed } from './once.ts';
import type { Failure, Finding } from './question.ts';
import { proofSql, readState, stateSql, type State } from './state.ts';

export type Watch = { readonly find: () => Promise<Finding>; readonly end: () => void };

export type Watched = {
  readonly target: Omit<Target, 'timeoutMs'>;
  /** Whether this site's gate is open: only then is its primary one for clients. */
  readonly gate: () => Promise<boolean>;
  /** Nobody waits longer for an answer. */
  readonly limitMs: number;
  /** How long an answer may be given again. */
  readonly freshMs: number;
  /** How long a write proves that the primary can write. */
  readonly proofMs: number;
};

/** What hangs for longer is given up and tried anew: a session to a server that was replaced meanwhile may hang forever. */
const giveUpMs = 10_000;

/** The proof waits for no standby. Whether transactions may write is what is asked, so that alone is the server's own setting. */
const watching = { synchronous_commit: 'local', default_transaction_read_only: undefined };

const now = (): number => performance.now();

export function watch({ target, gate, limitMs, freshMs, proofMs }: Watched): Watch {
  const session = keptSession({ ...target, settings: watching, timeoutMs: giveUpMs });
  const asked = once(questioning(session, proofMs), now);
  const knocked = once(() => knock(target, giveUpMs), now);
  const gated = once(gate, now);
  const find = async (): Promise<Finding> => {
    const [said, door, open] = await Promise.all([asked(limitMs), knocked(limitMs), settled(gated(limitMs))]);
    const gateOpen = open !== undefined && 'value' in open && open.value;
    const failure = hung('the postmaster', door) ?? doorFailure(door) ?? hung('the session', said);
    if (failure !== undefined) return { state: undefined, written: false, failure, gateOpen };
    return { ...('value' in said ? said.value : { state: undefined, written: false, failure: undefined }), gateOpen };
  };
  return { find: fresh(find, freshMs, now), end: session.end };
}

/** A gate that cannot be asked is closed. */
async function settled<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch {
    return undefined;
  }
}

function hung(who: string, timed: Timed<unknown>): Failure | undefined {
  if ('value' in timed) return undefined;
  return { code: 'HUNG', says: `${who} has not answered for ${(timed.sinceMs / 1000).toFixed(1)} s` };
}

function doorFailure(door: Timed<string>): Failure | undefined {
  if (!('value' in door) || door.value === 'answers') return undefined;
  if (door.value === 'ETIMEDOUT') return { code: 'HUNG', says: 'the postmaster does not answer' };
  return { code: 'ABSENT', says: `no server answers (${door.value})` };
}

type Said = Omit<Finding, 'gateOpen'>;

/** The state, and, on a primary whose last proof is too old, a write. */
function questioning(session: KeptSession, proofMs: number): () => Promise<Said> {
  let proven = -Infinity;
  const failed = (failure: Failure): Said => {
    proven = -Infinity;
    return { state: undefined, written: false, failure };
  };
  const proof = async (state: State): Promise<Said> => {
    const answer = await session.ask(proofSql);
    if ('failure' in answer) return { ...failed(failureOf(answer.failure)), state };
    proven = now();
    return { state, written: true, failure: undefined };
  };
  return async () => {
    const answer = await session.ask(stateSql);
    if ('failure' in answer) return failed(failureOf(answer.failure));
    const state = readState(answer.rows[0]);
    if (state.inRecovery || !state.mayWrite) {
      proven = -Infinity;
      return { state, written: false, failure: undefined };
    }
    return now() - proven < proofMs ? { state, written: true, failure: undefined } : proof(state);
  };
}

const codes: Readonly<Record<SessionFailure['kind'], Failure['code']>> = {
  absent: 'ABSENT',
  starting: 'STARTING',
  full: 'FULL',
  hung: 'HUNG',
  refused: 'REFUSED',
  failed: 'FAILED',
};

function failureOf({ kind, message }: SessionFailure): Failure {
  return { code: codes[kind], says: message.split('\n')[0]?.slice(0, 200) ?? '' };
}
