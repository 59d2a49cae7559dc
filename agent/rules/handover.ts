// A planned change loses nothing: a primary that was demoted says where its WAL ends, and who follows must have that end.
import { lsnDigits } from '../../lib/postgres/lsn.ts';
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import { peersOf, type Call } from '../call.ts';
import { finish, proceed, type Context, type Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { nodeOf, setOwn, valueOf } from './attributes.ts';
import { acceptedLoss } from './lag.ts';
import { setPeerScore } from './records.ts';

/** For what can still arrive after the old primary has ended: WAL on its way, or in an archive. */
const patienceMs = 5000;
const pollMs = 50;
/** Time to record a refusal. */
const leastMs = 3000;

/** What a primary that has just shut down records. After a crash there is no such end, and none is left from before. */
export function publishEnd(snapshot: Snapshot, call: Call): readonly Step[] {
  const at = snapshot.cleanShutdown === true ? snapshot.shutdownAt : undefined;
  return setOwn(snapshot, call, { key: 'handover', value: at === undefined ? undefined : lsnDigits(at) });
}

/** Why this standby may not be promoted, or not yet; undefined: nothing is missing. */
export function awaitHandover(answer: InstanceAnswer, snapshot: Snapshot, call: Call): Decision | undefined {
  const end = furthestEnd(snapshot, call);
  if (end === undefined || hasRecord(answer, end.at) || isAccepted(answer, end.at, { snapshot, call }))
    return undefined;
  const waited = call.timeoutMs - snapshot.remainingMs;
  if (snapshot.remainingMs > leastMs && waited < Math.min(patienceMs, call.timeoutMs / 2))
    return proceed({ do: 'wait', ms: pollMs });
  // The old primary has what is missing, so it goes on: it need not wait for an election.
  const steps = [
    ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }),
    ...setPeerScore(end.node, '1000', { snapshot, call }),
  ];
  return finish('generic', steps, {
    code: 'HANDOVER_INCOMPLETE',
    node: end.node,
    end: end.at,
    position: digits(answer.replayed),
  });
}

/** A person has said that so much may be lost. */
function isAccepted({ replayed }: InstanceAnswer, end: string, { snapshot, call }: Context): boolean {
  const accepted = acceptedLoss(snapshot, call);
  return replayed === undefined ? accepted === Infinity : Number(BigInt(`0x${end}`) - replayed) <= accepted;
}

const pageBytes = 8192n;

/**
 * True if the record at this position, the last one of its WAL, is here as a whole: it was replayed, or what was received
 * goes beyond its beginning. WAL is sent up to the end of a record or, in the middle of a long stretch, of a page.
 */
function hasRecord({ received, replayed }: InstanceAnswer, at: string): boolean {
  if (digits(replayed) > at) return true;
  return received !== undefined && lsnDigits(received) > at && received % pageBytes !== 0n;
}

type End = { readonly node: string; readonly at: string };

/** The furthest end that a member has published. */
function furthestEnd(snapshot: Snapshot, call: Call): End | undefined {
  const ends = peersOf(call).flatMap((node): readonly End[] => {
    const at = valueOf(snapshot, call, { node, key: 'handover' });
    return at === undefined || nodeOf(snapshot, node)?.online !== true ? [] : [{ node, at }];
  });
  return ends.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
}

function digits(lsn: bigint | undefined): string {
  return lsn === undefined ? '' : lsnDigits(lsn);
}
