// The replication slots: of the other nodes on the primary, and what is left on a standby. docs/decisions/0010, "Slots", and 0018.
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import { peersOf, type Call } from '../call.ts';
import type { Context } from '../decision.ts';
import type { Reason } from '../reasons.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { nodeOf, set, valueOf } from './attributes.ts';
import { slotName } from './connection.ts';

/** The slots of the other nodes that the primary does not have. That one cannot be made is no failure: each monitor tries again. */
export function createMissing(answer: InstanceAnswer | undefined, call: Call): readonly Step[] {
  const have = answer?.physicalSlots ?? [];
  return peerSlots(call).flatMap(({ name }) => (have.includes(name) ? [] : [{ do: 'create slot', name } as const]));
}

type PeerSlot = { readonly peer: string; readonly name: string };

function peerSlots(call: Call): readonly PeerSlot[] {
  return call.parameters.replication_slot_name === ''
    ? []
    : peersOf(call).map((peer) => ({ peer, name: slotName(peer, call) }));
}

/**
 * A slot that is not there is made. One that has reached max_slot_wal_keep_size keeps nothing any more and lets nobody stream: it
 * is made anew. Both are recorded until the node streams again.
 */
export function renewSlots(answer: InstanceAnswer, snapshot: Snapshot, call: Call): readonly Step[] {
  return peerSlots(call).flatMap((slot) => {
    const repair = repairOf(slot, answer, recordOf(slot.peer, snapshot, call));
    const recorded = streams(slot.peer, answer) ? undefined : repair?.record;
    const steps = repair === undefined ? [] : [repair.step];
    const isToRecord = recorded !== undefined || streams(slot.peer, answer);
    return [...(isToRecord ? record(slot.peer, recorded, { snapshot, call }) : []), ...steps];
  });
}

type Repair = { readonly record: 'lost' | 'missing'; readonly step: Step };

function repairOf({ name }: PeerSlot, answer: InstanceAnswer, recorded: string | undefined): Repair | undefined {
  const renew = { record: 'lost', step: { do: 'renew slot', name } } as const;
  if (answer.lostSlots.includes(name)) return renew;
  if (answer.physicalSlots.includes(name)) return undefined;
  return recorded === 'lost' ? renew : { record: 'missing', step: { do: 'create slot', name } };
}

function recordOf(peer: string, snapshot: Snapshot, call: Call): string | undefined {
  return valueOf(snapshot, call, { node: peer, key: 'slot' });
}

/** Of a node that is away nothing is recorded: nobody waits for its stream. */
function record(peer: string, value: string | undefined, { snapshot, call }: Context): readonly Step[] {
  const isHere = nodeOf(snapshot, peer)?.online === true;
  return value === undefined || isHere ? set(snapshot, call, { node: peer, key: 'slot', value }) : [];
}

function streams(peer: string, { senders }: InstanceAnswer): boolean {
  return senders.some((row) => row.applicationName.toLowerCase() === peer && row.state === 'STREAMING');
}

/** What a standby beside its primary does about slots, and why where it is more than its own. */
export type Dropping = { readonly steps: readonly Step[]; readonly because?: Reason };

/** A standby keeps no WAL for the other nodes, and none for a logical slot of a former primary that nobody is known to read again. */
export function dropLeftOver(answer: InstanceAnswer, { snapshot, call }: Context): Dropping {
  const strays = isUnwanted(snapshot, call) ? answer.strayLogicalSlots.filter((name) => slotNameForm.test(name)) : [];
  const steps = [...leftOfPeers(answer, call), ...strays].map((name): Step => ({ do: 'drop slot', name }));
  if (strays.length === 0) return { steps };
  const why = call.parameters.logical_slots === 'drop' ? 'logical_slots=drop' : 'its disk is nearly full';
  return { steps, because: { code: 'LOGICAL_SLOTS_DROPPED', names: strays.join(', '), why } };
}

function leftOfPeers({ physicalSlots }: InstanceAnswer, call: Call): readonly string[] {
  return peerSlots(call).flatMap(({ name }) => (physicalSlots.includes(name) ? [name] : []));
}

/** A tenth of the file system: below it a server that goes on writing stops soon. */
function isUnwanted({ walRoom }: Snapshot, call: Call): boolean {
  return call.parameters.logical_slots === 'drop' || (walRoom !== undefined && walRoom.freeBytes * 10 < walRoom.bytes);
}

/** What PostgreSQL takes as a name. https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS */
const slotNameForm = /^[a-z0-9_]{1,63}$/;

/** Why a node's slot cannot have its name; undefined: it can. Two nodes with one slot would take it from each other. */
export function slotObjection(call: Call): { readonly node: string; readonly why: string } | undefined {
  if (call.parameters.replication_slot_name === '') return undefined;
  const named = [...new Set(call.members)].map((node) => ({ node, name: slotName(node, call) }));
  for (const [at, { node, name }] of named.entries()) {
    const twin = named.slice(0, at).find((other) => other.name === name);
    if (twin !== undefined) return { node, why: `${name} is the slot of ${twin.node} too` };
    if (name.length > 63) return { node, why: `${name} has ${name.length} bytes, 63 are the most` };
    if (!slotNameForm.test(name)) return { node, why: `${name} may hold lower-case letters, digits and _ only` };
  }
  return undefined;
}
