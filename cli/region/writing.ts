// May clients write? Answered by what the primary has recorded, how its monitor ended, and what its server says if it is here. Pure.
import { isSynchronous } from '../../meta/attributes.ts';
import { readExitReason } from './exit-reason.ts';
import type { Local } from './local.ts';
import { primaryOf, valueOf, type NodeView, type View } from './view.ts';

export type Writing = { readonly yes: boolean; readonly says: string };

/** Longer than a commit waits for a standby that is there. */
const patienceSeconds = 5;

export function mayWrite(view: View, local: Local | undefined, now: Date): Writing {
  const primary = primaryOf(view);
  if (primary === undefined) return no('no: there is no primary');
  if (primary.failing) return no(`no: ${failure(primary)}`);
  if (valueOf(view, primary, 'status') !== 'PRI')
    return no(`not yet: ${primary.name} is being promoted, or does not answer`);
  const waits = commitsWait(view, primary, { local, now });
  return waits === undefined ? atAddress(view, primary) : no(`reads only, at ${placeText(view, primary)}: ${waits}`);
}

function placeText({ vip }: View, { name }: NodeView): string {
  return vip === undefined ? name : `${vip.address} (${name})`;
}

function atAddress(view: View, primary: NodeView): Writing {
  const { vip } = view;
  if (vip === undefined || vip.on === primary.name) return { yes: true, says: `yes, at ${placeText(view, primary)}` };
  return no(`not at ${vip.address}: the virtual IP is on ${vip.on ?? 'no node'}, the primary on ${primary.name}`);
}

function no(says: string): Writing {
  return { yes: false, says };
}

function failure({ name, reason, underWay }: NodeView): string {
  const words = reason === undefined ? '' : `: ${readExitReason(reason).words}`;
  const then = underWay === undefined ? '' : `; Pacemaker waits for its ${underWay}`;
  return `the primary on ${name} has failed${words}${then}`;
}

type Asked = { readonly local: Local | undefined; readonly now: Date };

/** For whom commits wait; undefined: as far as is known, they do not. */
function commitsWait(view: View, primary: NodeView, { local, now }: Asked): string | undefined {
  const told = primary.attributes[`${view.resource}-waits-for`];
  if (told !== undefined) return `commits wait for ${waiting(told, now)}`;
  if (local?.role === 'primary') return waitingHere(local);
  const lost = lostVoters(view);
  return lost.length === 0
    ? undefined
    : `commits wait for ${lost.join(', ')}, not in the cluster, until the primary has recorded that. cfha status on ${primary.name} measures it`;
}

function waitingHere({ waiting: here }: Extract<Local, { role: 'primary' }>): string | undefined {
  if (here === undefined || here.count === 0 || here.seconds < patienceSeconds) return undefined;
  const commits = here.count === 1 ? '1 commit waits' : `${here.count} commits wait`;
  return `${commits} for a synchronous standby (SyncRep), the longest for ${Math.round(here.seconds)} s`;
}

/** Recorded as synchronous and gone, if without them too few are left to acknowledge a commit. */
function lostVoters(view: View): readonly string[] {
  if (view.parameters['rep_mode'] !== 'sync') return [];
  const voters = view.nodes.filter((node) => isSynchronous(valueOf(view, node, 'dataStatus')));
  const lost = voters.filter(({ online }) => !online);
  const any = Number(view.parameters['synchronous_standbys'] ?? '0') || 0;
  const needed = any === 0 ? voters.length : Math.min(any, voters.length);
  return voters.length - lost.length < needed ? lost.map(({ name }) => name) : [];
}

/** `NODE since SECONDS: why`: the seconds are since the epoch. Anything else is shown as it is. */
function waiting(value: string, now: Date): string {
  const [, node, since, why] = /^(\S+) since (\d{9,11}): (.*)$/.exec(value) ?? [];
  if (node === undefined) return value;
  return `${node}, for ${Math.max(0, Math.round(now.getTime() / 1000 - Number(since)))} s: ${why ?? ''}`;
}
