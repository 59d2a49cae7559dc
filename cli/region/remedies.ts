// What is wrong with a node, and what an administrator can do about it. Pure.
import { readScore, readRole, readSeconds, isTrue } from '../../lib/pacemaker/values.ts';
import { lossText } from './evidence.ts';
import { readExitReason, type ExitReason } from './exit-reason.ts';
import { obstacleOn } from './obstacle.ts';
import { rejoinsOf, rejoinText } from './rejoins.ts';
import { hasGoodRecord } from './standing.ts';
import { primaryOf, streams, valueOf, type NodeView, type Objection, type View } from './view.ts';

export function nodeObjections(view: View, node: NodeView, now: Date): readonly Objection[] {
  const { name } = node;
  if (!node.online)
    return [{ says: `no: ${name} is not in the cluster`, todo: `start it: pcs cluster start ${name}, or its power` }];
  if (node.standby) return [{ says: `no: ${name} is in standby`, todo: `cfha unstandby ${name}` }];
  const rejoin = rejoinsOf({ ...view, nodes: [node] }, now)[0];
  if (rejoin !== undefined)
    return [{ says: `not yet: ${name} is made a standby again: ${rejoinText(rejoin)}`, todo: 'wait: it goes on by itself' }]; // prettier-ignore
  if (node.role === undefined) return [stoppedNode(view, node, now)];
  return runningNode(view, node);
}

function runningNode(view: View, node: NodeView): readonly Objection[] {
  const obstacle = obstacleOn(view, node);
  if (obstacle !== undefined) return [obstacle];
  return node.role === 'Unpromoted' && primaryOf(view) !== undefined && !streams(view, node)
    ? [silentStandby(view, node)]
    : [];
}

function silentStandby(view: View, node: NodeView): Objection {
  const { name } = node;
  const slot = valueOf(view, node, 'slot');
  if (slot === 'lost')
    return {
      says: `no: ${name} was away for longer than its slot may keep WAL (max_slot_wal_keep_size)`,
      todo: `an archive, or cfha rejoin ${name} --clone`,
    };
  return slot === 'missing'
    ? {
        says: `no: ${name} does not stream: the primary had no replication slot for it`,
        todo: `wait a monitor: the primary makes it; if it stays so, max_replication_slots may be used up (log of the primary's node)`,
      }
    : { says: `no: ${name} does not stream from the primary`, todo: `cfha explain, on ${name}` };
}

/** Codes of a former primary that does not start: what a promotion elsewhere lacks is on that node. */
const lockCodes: readonly (string | undefined)[] = ['LOCKED', 'DIVERGED', 'FOREIGN_DATA'];

function stoppedNode(view: View, node: NodeView, now: Date): Objection {
  const { name, underWay: what } = node;
  if (what !== undefined)
    return { says: `not yet: PostgreSQL is being ${doing(what)} on ${name}`, todo: 'wait: it goes on by itself' };
  const told = node.reason === undefined ? undefined : readExitReason(node.reason);
  const locked = lockText(view, node, told);
  if (locked !== undefined)
    return {
      says: `no: ${name} was the primary and waits for an administrator: ${locked}`,
      todo: `cfha unlock ${name}; see "A former primary does not start" in docs/operations.md`,
    };
  return node.failures > 0 ? failedNode(view, node, { told, now }) : idleNode(view, node);
}

/** Why a former primary was not started; undefined: it is none, or that is not why. The reason may be cut before its code. */
function lockText(view: View, node: NodeView, told: ExitReason | undefined): string | undefined {
  const evidence = node.failures > 0 ? evidenceText(view, node) : undefined;
  return lockCodes.includes(told?.code) ? told?.words : evidence && (told?.words ?? evidence);
}

function evidenceText(view: View, node: NodeView): string | undefined {
  return lossText(view, node)[0] ?? valueOf(view, node, 'evidence');
}

function doing(operation: string): string {
  return operation === 'start' ? 'started' : operation === 'stop' ? 'stopped' : `${operation}d`;
}

type Told = { readonly told: ExitReason | undefined; readonly now: Date };

function failedNode(view: View, node: NodeView, { told, now }: Told): Objection {
  const { name } = node;
  const says = `no: PostgreSQL failed on ${name}: ${told?.words ?? 'no reason is recorded'}`;
  return { says: `${says}${retryText(view, node, now)}`, todo: remedy(view, node, told) };
}

/** Whether Pacemaker tries again, and when. */
function retryText(view: View, node: NodeView, now: Date): string {
  const threshold = readScore(view.meta['migration-threshold']) ?? Infinity;
  if (node.failures < threshold) return '';
  const seconds = readSeconds(view.meta['failure-timeout']) ?? 0;
  if (seconds === 0 || node.failedAt === undefined) return '; Pacemaker has given it up there until cfha cleanup';
  const left = Math.round(node.failedAt + seconds - now.getTime() / 1000);
  return left > 0
    ? `; Pacemaker tries it again there in about ${left} s (failure-timeout)`
    : '; Pacemaker tries it again there at its next check (failure-timeout is over)';
}

/** A promotion that was refused has nothing on its node to be repaired. */
const refusals: readonly (string | undefined)[] = ['OUT_OF_DATE', 'BEHIND_TIMELINE', 'HANDOVER_INCOMPLETE', 'TOO_FAR_BEHIND', 'VOTERS_MISSING', 'UNPROVEN']; // prettier-ignore

/** What is made good without a repair on the node, by the code of its failure. */
const byItself: readonly (string | undefined)[] = ['ROGUE_PRIMARY', 'COMPARE_FIRST'];

function knownRemedy(name: string, { code, words }: ExitReason): string | undefined {
  if (code === 'COPY_FAILS') return `repair it on the primary: ${words}; then cfha rejoin ${name} --clone`;
  return byItself.includes(code)
    ? `wait: ${name} is made a standby again by itself (${code ?? ''} in docs/operations.md)`
    : undefined;
}

function remedy(view: View, { name }: NodeView, told: ExitReason | undefined): string {
  const known = told === undefined ? undefined : knownRemedy(name, told);
  if (known !== undefined) return known;
  return refusals.includes(told?.code)
    ? afterRefusal(view, name)
    : `${repairText(name, told)}; then cfha cleanup ${name}`;
}

function afterRefusal(view: View, name: string): string {
  const primary = primaryOf(view);
  if (primary !== undefined) return `cfha cleanup ${name}: it starts as a standby of ${primary.name}`;
  return withoutPrimary(view) ?? `cfha cleanup ${name}: it starts as a standby`;
}

function repairText(name: string, told: ExitReason | undefined): string {
  if (told === undefined || told.words === '')
    return `find out what failed: cfha explain on ${name}, and pacemaker.log there`;
  return `repair on ${name}: ${told.words}${told.code === undefined ? '' : ` (${told.code} in docs/operations.md)`}`;
}

/** It has not failed: somebody has said that it shall not run there. */
function idleNode(view: View, { name }: NodeView): Objection {
  const says = `no: PostgreSQL does not run on ${name}`;
  const ban = view.bans.find(({ node, bans }) => bans && node?.toLowerCase() === name.toLowerCase());
  if (readRole(view.meta['target-role']) === 'Stopped')
    return { says: `${says}: the resource is disabled`, todo: `pcs resource enable ${view.clone}` };
  if (!isTrue(view.meta['is-managed'], true))
    return { says: `${says}: Pacemaker does not manage the resource`, todo: `pcs resource manage ${view.clone}` };
  return ban === undefined
    ? { says, todo: `cfha explain on ${name}: what its start would find` }
    : { says: `${says}: the constraint ${ban.id} keeps it away`, todo: endOfBan(view, ban.id, name) };
}

/** A ban of `cfha` ends by itself. */
function endOfBan(view: View, id: string, node: string): string {
  if (id.startsWith('cfha-')) return 'wait: cfha removes it, and after ten minutes it ends by itself';
  return id.startsWith('cli-') ? `pcs resource clear ${view.clone} ${node}` : `pcs constraint delete ${id}, if nobody needs it`;
} // prettier-ignore

/** What an administrator can choose from while there is no primary; undefined: no standby runs that could be promoted. */
export function withoutPrimary(view: View): string | undefined {
  const standbys = view.nodes.filter(({ online, role }) => online && role === 'Unpromoted');
  const awaited = view.nodes.filter((node) => node.online && node.underWay !== undefined);
  if (awaited.length > 0) return `wait: ${awaited.map(({ name, underWay: what }) => `${what ?? ''} on ${name}`).join(', ')} is under way`;
  if (standbys.length === 0) return undefined;
  const out = standbys.filter((node) => !hasGoodRecord(view, node));
  if (out.length < standbys.length)
    return `wait: an election takes some monitors of the standby; cfha explain on ${namesOf(standbys.filter((node) => !out.includes(node)))}`;
  const choices = out.map(({ name }) => `cfha failover --to ${name}`).join(' or ');
  return `by their records none may be promoted by itself (${out.map((node) => `${node.name}: ${valueOf(view, node, 'dataStatus') ?? ''}`).join(', ')}): ${choices} tells what it would lose, and changes nothing without --accept-loss`;
} // prettier-ignore

function namesOf(nodes: readonly NodeView[]): string {
  return nodes.map(({ name }) => name).join(', ');
}
