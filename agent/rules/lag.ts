// How much an asynchronous failover may lose: maximum_lag_on_failover. What the primary last recorded is what is known.
import { laterLsn, lsnDigits } from '../../lib/postgres/lsn.ts';
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import { peersOf, type Call } from '../call.ts';
import type { Reason } from '../reasons.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { needsProof } from './alone.ts';
import { nodeOf, set, valueOf } from './attributes.ts';

function isLimited(call: Call): boolean {
  return call.parameters.rep_mode === 'async' && call.parameters.maximum_lag_on_failover > 0;
}

/** The primary's position, kept with the standbys: what is kept with the primary goes with it. */
export function reportPosition(answer: InstanceAnswer, snapshot: Snapshot, call: Call): readonly Step[] {
  if (!isLimited(call) || answer.written === undefined) return [];
  const value = lsnDigits(answer.written);
  return peersOf(call)
    .filter((node) => nodeOf(snapshot, node)?.online === true)
    .flatMap((node) => set(snapshot, call, { node, key: 'primaryLsn', value }));
}

/** Bytes that a promotion of this standby may lose, as far as is known. */
function possibleLoss(answer: InstanceAnswer, snapshot: Snapshot, call: Call): number | undefined {
  const reported = valueOf(snapshot, call, { node: call.node, key: 'primaryLsn' });
  const own = laterLsn(answer.received, answer.replayed);
  if (reported === undefined || own === undefined || !/^[0-9A-F]{16}$/.test(reported)) return undefined;
  return Math.max(0, Number(BigInt(`0x${reported}`) - own));
}

/** Why it may not be promoted without a person's word. */
export function tooFarBehind(answer: InstanceAnswer, snapshot: Snapshot, call: Call): Reason | undefined {
  if (!isLimited(call)) return undefined;
  const bytes = possibleLoss(answer, snapshot, call) ?? 0;
  const limit = call.parameters.maximum_lag_on_failover;
  return bytes <= limit || bytes <= acceptedLoss(snapshot, call) ? undefined : { code: 'TOO_FAR_BEHIND', bytes, limit };
}

/** How many bytes a person has said may be lost, on this node. */
export function acceptedLoss(snapshot: Snapshot, call: Call): number {
  const word = valueOf(snapshot, call, { node: call.node, key: 'acceptLoss' });
  if (word === 'all') return Infinity;
  return /^\d{1,15}$/.test(word ?? '') ? Number(word) : -1;
}

/** What a promotion of this standby may lose, in words: said at every one. */
export function lossInWords(answer: InstanceAnswer, snapshot: Snapshot, call: Call): string {
  const clean = peersOf(call).some((node) => valueOf(snapshot, call, { node, key: 'handover' }) !== undefined);
  if (clean) return 'with everything that its primary wrote before it shut down';
  if (needsProof(call) && acceptedLoss(snapshot, call) < 0) return 'with every commit that was acknowledged';
  const bytes = possibleLoss(answer, snapshot, call);
  return bytes === undefined
    ? 'how far its primary was is not recorded (maximum_lag_on_failover)'
    : `${bytes} bytes behind what its primary last recorded`;
}
