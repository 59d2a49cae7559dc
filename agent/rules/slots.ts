// The replication slots of the other nodes, on the primary. docs/decisions/0010, "Slots".
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import { peersOf, type Call } from '../call.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { nodeOf, set, valueOf } from './attributes.ts';
import { slotName } from './connection.ts';

/**
 * A slot that has reached max_slot_wal_keep_size keeps nothing any more and lets nobody stream: it is made anew, and recorded
 * until its node streams again.
 */
export function renewSlots(answer: InstanceAnswer, snapshot: Snapshot, call: Call): readonly Step[] {
  if (call.parameters.replication_slot_name === '') return [];
  return peersOf(call).flatMap((peer) => {
    const name = slotName(peer, call);
    const recorded = valueOf(snapshot, call, { node: peer, key: 'slot' }) !== undefined;
    const isLost = answer.lostSlots.includes(name) || (recorded && !answer.physicalSlots.includes(name));
    if (isLost)
      return [
        ...(nodeOf(snapshot, peer)?.online === true ? set(snapshot, call, { node: peer, key: 'slot', value: 'lost' }) : []),
        { do: 'renew slot', name } as const,
      ];
    return recorded && streams(peer, answer) ? set(snapshot, call, { node: peer, key: 'slot', value: undefined }) : [];
  });
} // prettier-ignore

function streams(peer: string, { senders }: InstanceAnswer): boolean {
  return senders.some((row) => row.applicationName.toLowerCase() === peer && row.state === 'STREAMING');
}
